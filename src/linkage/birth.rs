//! Birth dates and intervals as evidence, and the most they can weigh.

use super::compare::{Context, Outcome, if_own, lg, normal_cdf, normal_density};
use super::features::{Birth, BirthSource, Features};
use super::model::BirthModel;
use super::population::{YEARS, year_slot};

/// Birth: two stated days as a mixture of the ways a date goes wrong; anything else as intervals with soft edges.
#[must_use]
pub fn compare(c: Context<'_>, left: &Features, right: &Features) -> Option<Outcome> {
    Some(weigh(c, &left.birth?, &right.birth?))
}

/// As [`compare`], with what numbers of documents tell of births that the records tell less of. A document that is another's tells nothing: then what the
/// records tell themselves stands, as far as it speaks against the pair. Never above [`weigh`] of the births known best.
#[must_use]
pub fn compare_known(c: Context<'_>, left: &Features, right: &Features) -> Option<Outcome> {
    let known = weigh(c, &left.known_birth()?, &right.known_birth()?);
    let against = if left.holder_birth.or(right.holder_birth).is_some() { compare(c, left, right).filter(|own| own.log10 < 0.0) } else { None };
    let another_s = 1.0 - c.model.identifiers.document_own;
    Some(against.map_or(known, |own| Outcome { log10: lg(10f64.powf(known.log10) - another_s * (1.0 - 10f64.powf(own.log10))), ..known }))
}

/// Two births; see [`compare`]. About 80 ns.
#[must_use]
pub fn weigh(c: Context<'_>, a: &Birth, b: &Birth) -> Outcome {
    let m = &c.model.birth;
    let outcome = if a.from == a.to && b.from == b.to { birth_days(c, m, a.from, b.from) } else { birth_intervals(c, m, a, b) };
    let of_document = a.source == BirthSource::Document || b.source == BirthSource::Document;
    if of_document { Outcome { log10: if_own(c, outcome.log10), ..outcome } } else { outcome }
}

/// The stated days, in years from a first to a last day, that come of a stated day by a slip of day, month or year: they can weigh more with it than their year alone lets on ([`bounds`]).
#[must_use]
pub fn like_days(day: i32, (first, last): (i32, i32)) -> Vec<i32> {
    use chrono::{Datelike, NaiveDate};
    if first > last {
        return Vec::new();
    }
    let (year, month, dom) = civil(day);
    let years = civil(first).0..=civil(last).0;
    let mut out = Vec::with_capacity(320);
    let mut put = |y: i32, m: u32, d: u32| {
        if years.contains(&y) {
            out.extend(NaiveDate::from_ymd_opt(y, m, d).map(|x| x.num_days_from_ce()));
        }
    };
    for y in years.clone() {
        put(y, month, dom);
    }
    for d in 1..=31 {
        put(year, month, d);
        put(year - 10, month, d);
        put(year + 10, month, d);
    }
    put(year, dom, month);
    for y in year - 2..=year + 2 {
        put(y, month, dom.saturating_sub(1));
        put(y, month, dom + 1);
        put(y, 1, 1);
    }
    for m in 1..=12 {
        put(year - 10, m, dom);
        put(year + 10, m, dom);
    }
    if month == 1 && dom == 1 {
        for m in 1..=12 {
            for d in 1..=31 {
                for y in year - 2..=year + 2 {
                    put(y, m, d);
                }
            }
        }
    }
    out.sort_unstable();
    out.dedup();
    out
}

fn birth_days(c: Context<'_>, m: &BirthModel, a: i32, b: i32) -> Outcome {
    let (ya, ma, da) = civil(a);
    let (yb, mb, db) = civil(b);
    let january = |mm: u32, d: u32| mm == 1 && d == 1;
    // P(day | two persons): the year's density, with the share of 1 January dates apart.
    let base = |day: i32, mm: u32, d: u32| {
        let per_day = c.population.birth_density(day);
        if january(mm, d) { per_day * 365.25 * m.january_share } else { per_day * (1.0 - m.january_share) }
    };
    let p_other = f64::midpoint(base(a, ma, da), base(b, mb, db));
    let years = (ya - yb).abs();
    let mut p = 0.0;
    let mut level = "birth.disagree";
    if a == b {
        p += if january(ma, da) { m.equal * 0.6 + m.first_of_january } else { m.equal };
        level = "birth.equal";
    } else {
        if ya == yb && ma == db && da == mb {
            p += m.day_month_swapped;
            level = "birth.swapped";
        }
        if ya == yb && (january(ma, da) || january(mb, db)) {
            p += m.first_of_january;
            level = "birth.same_year";
        }
        if ma == mb && da == db && years != 0 {
            p += match years {
                1 => m.one_year / 2.0,
                2 => m.two_years / 2.0,
                10 => m.ten_years / 2.0,
                _ => 0.002,
            };
            level = "birth.near";
        }
        if ma == mb && years <= 2 && da.abs_diff(db) == 1 {
            p += if years == 0 { m.one_day / 2.0 } else { m.one_day / 12.0 };
            level = "birth.near";
        }
        if ya == yb && ma == mb {
            p += m.same_month / 30.0;
            level = "birth.near";
        }
        if years == 10 && (ma == mb || da == db) {
            p += m.ten_years / 60.0;
        }
        if ya == yb {
            p += m.same_year / 365.0;
            if level == "birth.disagree" {
                level = "birth.same_year";
            }
        }
        if (january(ma, da) || january(mb, db)) && years <= 2 && years > 0 {
            p += m.first_of_january * 0.08;
        }
        p += m.age_like * normal_density(f64::from(a - b) / 365.25, m.age_like_sd_years) / 365.25;
        if level == "birth.disagree" && years <= 3 {
            level = "birth.edge";
        }
    }
    p += m.unrelated * p_other;
    Outcome { level, log10: lg(p / p_other) }
}

fn birth_intervals(c: Context<'_>, m: &BirthModel, a: &Birth, b: &Birth) -> Outcome {
    let year = 365.25;
    let soft = |x: &Birth| year * soft_years(m, x);
    let width = |x: &Birth| f64::from(x.to - x.from + 1);
    let (wide, narrow) = if width(a) >= width(b) { (a, b) } else { (b, a) };
    let middle = f64::midpoint(f64::from(narrow.from), f64::from(narrow.to));
    let sd = (soft(a).powi(2) + soft(b).powi(2) + width(narrow).powi(2) / 12.0).sqrt();
    let inside = normal_cdf((middle - f64::from(wide.from)) / sd) - normal_cdf((middle - f64::from(wide.to) - 1.0) / sd);
    let density = inside / width(wide);
    #[expect(clippy::cast_possible_truncation, reason = "a day number")]
    let other = c.population.birth_density(middle as i32);
    let lr = m.range_holds * density / other + (1.0 - m.range_holds);
    let level = if middle >= f64::from(wide.from) && middle <= f64::from(wide.to) {
        "birth.inside"
    } else if lr >= 0.3 {
        "birth.edge"
    } else {
        "birth.disagree"
    };
    Outcome { level, log10: lg(lr) }
}

/// Year, month, day of a day from the common era.
fn civil(day: i32) -> (i32, u32, u32) {
    use chrono::{Datelike, NaiveDate};
    NaiveDate::from_num_days_from_ce_opt(day).map_or((0, 0, 0), |d| (d.year(), d.month(), d.day()))
}

/// Upper ends, days, of the classes of width that bounds are told by; the first is a single day. Ages give widths of whole years.
const WIDTHS: [i32; 15] = [1, 300, 400, 800, 1150, 1500, 1900, 2250, 2600, 3400, 4100, 5200, 6000, 7800, i32::MAX];

/// Number of the class of a birth for [`bounds`]: its width, or that a document tells it, and the year of its middle.
#[must_use]
pub fn class(birth: &Birth) -> u16 {
    let class = match birth.source {
        // Their own, as they weigh less.
        BirthSource::Document => WIDTHS.len() + usize::from(width(birth) > 1),
        _ => WIDTHS.iter().position(|w| width(birth) <= *w).unwrap_or(WIDTHS.len() - 1),
    };
    u16::try_from(class * YEARS + year_slot(middle(birth))).unwrap_or(u16::MAX)
}

const fn width(birth: &Birth) -> i32 {
    birth.to.saturating_sub(birth.from).saturating_add(1)
}

const fn middle(birth: &Birth) -> i32 {
    birth.from + (birth.to - birth.from) / 2
}

/// What the births of one class have in common: as many as there are, and the extremes of all there ever were.
#[derive(Debug, Clone, Copy)]
pub struct Births {
    /// How many there are.
    pub count: u32,
    widths: (i32, i32),
    middles: (i32, i32),
    soft_years: f64,
}

impl Default for Births {
    fn default() -> Self {
        Self { count: 0, widths: (i32::MAX, 0), middles: (i32::MAX, i32::MIN), soft_years: 0.0 }
    }
}

impl Births {
    /// Counts one more.
    pub fn put(&mut self, model: &BirthModel, birth: &Birth) {
        self.count += 1;
        self.widths = (self.widths.0.min(width(birth)), self.widths.1.max(width(birth)));
        self.middles = (self.middles.0.min(middle(birth)), self.middles.1.max(middle(birth)));
        self.soft_years = self.soft_years.max(soft_years(model, birth));
    }
}

/// How soft the edges of a birth are, years.
const fn soft_years(m: &BirthModel, birth: &Birth) -> f64 {
    match birth.source {
        BirthSource::Stated | BirthSource::Document => m.soft_stated_years,
        BirthSource::Age => m.soft_age_years,
        BirthSource::Estimated => m.soft_remains_years,
    }
}

/// How many classes there are.
pub const CLASSES: usize = (WIDTHS.len() + 2) * YEARS;

/// True for a class ([`class`]) of single days.
#[must_use]
pub const fn is_day(class: usize) -> bool {
    class < YEARS || class / YEARS == WIDTHS.len()
}

/// True for a class ([`class`]) of births that documents' numbers tell.
const fn is_of_document(class: usize) -> bool {
    class / YEARS >= WIDTHS.len()
}

/// By class, the most a birth can weigh with one of that class, with what its level adds, log10; days that a slip parts ([`like_days`]) aside. Classes of
/// which there are no births stand at 0. About 40 ns a class.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "bounds are single precision, with slack")]
pub fn bounds(c: Context<'_>, mine: &Birth, theirs: &[Births]) -> Vec<f32> {
    let (m, levels) = (&c.model.birth, &c.model.levels);
    let day = levels.most_of(&["birth.near", "birth.same_year", "birth.edge", "birth.disagree"]);
    let (inside, outside) =
        (levels.most_of(&["birth.inside", "birth.edge", "birth.disagree"]), levels.most_of(&["birth.edge", "birth.disagree"]));
    let (my_width, my_soft) = (f64::from(width(mine)), 365.25 * soft_years(m, mine));
    let my_middle = f64::midpoint(f64::from(mine.from), f64::from(mine.to));
    let my_density = c.population.birth_density(my_middle as i32);
    let apart = |(a, b): (f64, f64), (from, to): (f64, f64)| (a - to).max(from - b).max(0.0);
    let if_own = |class: usize, log10: f64| {
        if is_of_document(class) || mine.source == BirthSource::Document { if_own(c, log10) } else { log10 }
    };
    let mut out = vec![0.0; CLASSES];
    for (class, (out, births)) in out.iter_mut().zip(theirs).enumerate().filter(|(_, (_, births))| births.count > 0) {
        let (widths, middles) = (births.widths, (f64::from(births.middles.0), f64::from(births.middles.1) + 1.0));
        if is_day(class) && mine.from == mine.to {
            let years = apart(middles, (my_middle, my_middle)) / 365.25;
            // Two days of one year lie up to a year apart.
            let same = if years < 1.01 { m.same_year / 365.0 } else { 0.0 };
            let p = same + m.age_like * normal_density(years, m.age_like_sd_years) / 365.25;
            let density = f64::midpoint(my_density, c.population.birth_density(births.middles.0));
            let least = density * (365.25 * m.january_share).min(1.0 - m.january_share);
            *out = (if_own(class, lg(p / least + m.unrelated)) + day) as f32;
            continue;
        }
        let (narrowest, widest) = (f64::from(widths.0), f64::from(widths.1));
        let share = |gap: f64, narrow: f64| {
            let sd = (my_soft.powi(2) + (365.25 * births.soft_years).powi(2) + narrow.powi(2) / 12.0).sqrt();
            if gap > 0.0 { 1.0 - normal_cdf(gap / sd) + 2e-7 } else { 1.0 }
        };
        let (mut most, mut may_be_inside) = (0.0_f64, false);
        if my_width <= widest {
            // Mine is the narrower: its middle against their ends.
            let gap = (apart(middles, (my_middle, my_middle)) - widest / 2.0 - 1.0).max(0.0);
            most = most.max(share(gap, my_width) / (my_width.max(narrowest) * my_density));
            may_be_inside |= gap <= 0.0;
        }
        if my_width >= narrowest {
            let gap = apart(middles, (f64::from(mine.from) - 1.0, f64::from(mine.to) + 1.0));
            let density = |day: f64| c.population.birth_density(day as i32);
            let density = density(middles.0).min(density(middles.1 - 1.0)).min(density(f64::midpoint(middles.0, middles.1)));
            most = most.max(share(gap, my_width.min(widest)) / (my_width * density));
            may_be_inside |= gap <= 0.0;
        }
        let level = if may_be_inside { inside } else { outside };
        *out = (if_own(class, lg(m.range_holds * most + 1.0 - m.range_holds)) + level) as f32;
    }
    out
}

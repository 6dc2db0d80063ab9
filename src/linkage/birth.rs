//! Birth dates and intervals as evidence, and the most they can weigh.

use super::compare::{Context, Outcome, lg, normal_cdf, normal_density};
use super::features::{Birth, BirthSource, Features};
use super::model::BirthModel;
use super::population::{YEARS, year_slot, year_start};

/// Birth: two stated days as a mixture of the ways a date goes wrong; anything else as intervals with soft edges.
#[must_use]
pub fn compare(c: Context<'_>, left: &Features, right: &Features) -> Option<Outcome> {
    Some(weigh(c, &left.birth?, &right.birth?))
}

/// Two births; see [`compare`]. About 80 ns.
#[must_use]
pub fn weigh(c: Context<'_>, a: &Birth, b: &Birth) -> Outcome {
    let m = &c.model.birth;
    if a.from == a.to && b.from == b.to { birth_days(c, m, a.from, b.from) } else { birth_intervals(c, m, a, b) }
}

/// The stated days, in years from a first to a last day, that come of a stated day by a slip of day, month or year: they can weigh more with it than their year alone lets on ([`bounds`]).
#[must_use]
pub fn like_days(day: i32, (first, last): (i32, i32)) -> Vec<i32> {
    use chrono::{Datelike, NaiveDate};
    if first > last {
        return Vec::new();
    }
    let (year, month, dom) = civil(day);
    let years = civil(first).0.max(year - 120)..=civil(last).0.min(year + 120);
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
    let soft = |x: &Birth| {
        year * match x.source {
            BirthSource::Stated => m.soft_stated_years,
            BirthSource::Age => m.soft_age_years,
            BirthSource::Estimated => m.soft_remains_years,
        }
    };
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

/// Upper ends, days, of the classes of width that bounds are told by; the first is a single day.
const WIDTHS: [i32; 7] = [1, 300, 800, 1500, 2600, 4400, i32::MAX];

/// Number of the class of a birth for [`bounds`]: its width and the year of its middle.
#[must_use]
pub fn class(birth: &Birth) -> u16 {
    let width = birth.to.saturating_sub(birth.from).saturating_add(1);
    let class = WIDTHS.iter().position(|w| width <= *w).unwrap_or(WIDTHS.len() - 1);
    u16::try_from(class * YEARS + year_slot(birth.from + (birth.to - birth.from) / 2)).unwrap_or(u16::MAX)
}

/// How many classes there are.
pub const CLASSES: usize = WIDTHS.len() * YEARS;

/// True for a class ([`class`]) of single days.
#[must_use]
pub const fn is_day(class: usize) -> bool {
    class < YEARS
}

/// By class, the most a birth can weigh with one of that class, log10; days that a slip parts ([`like_days`]) aside. Classes of which there are no
/// births stand at 0. About 40 ns a class.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "bounds are single precision, with slack")]
pub fn bounds(c: Context<'_>, mine: &Birth, there_are: impl Fn(u16) -> bool) -> Vec<f32> {
    let m = &c.model.birth;
    let softest = 365.25 * m.soft_stated_years.max(m.soft_age_years).max(m.soft_remains_years);
    let mine_wide = f64::from(mine.to - mine.from + 1);
    let middle = f64::midpoint(f64::from(mine.from), f64::from(mine.to));
    let mine_density = c.population.birth_density(middle as i32);
    let outside = |gap: f64, narrow: f64| {
        let sd = (2.0 * softest.powi(2) + narrow.powi(2) / 12.0).sqrt();
        if gap > 0.0 { 1.0 - normal_cdf(gap / sd) + 2e-7 } else { 1.0 }
    };
    let mut out = Vec::with_capacity(CLASSES);
    for class in 0..WIDTHS.len() {
        let thinnest = if class == 0 { 1.0 } else { f64::from(WIDTHS[class - 1]) + 1.0 };
        let widest = f64::from(WIDTHS[class]);
        for slot in 0..YEARS {
            if !u16::try_from(out.len()).is_ok_and(&there_are) {
                out.push(0.0);
                continue;
            }
            // The first and the last year hold all before and after them.
            let first = if slot == 0 { -1e7 } else { year_start(slot) - 1.0 };
            let last = if slot + 1 == YEARS { 1e7 } else { year_start(slot + 1) + 1.0 };
            let apart = |from: f64, to: f64| (first - to).max(from - last).max(0.0);
            if class == 0 && mine_wide <= 1.0 {
                let years = apart(middle, middle) / 365.25;
                let same = if years < 0.1 { m.same_year / 365.0 } else { 0.0 };
                let p = same + m.age_like * normal_density(years, m.age_like_sd_years) / 365.25;
                let least = mine_density * (365.25 * m.january_share).min(1.0 - m.january_share) / 2.0;
                out.push(lg(p / least + m.unrelated) as f32);
                continue;
            }
            let mut most = 0.0_f64;
            if mine_wide <= widest {
                let gap = (apart(middle, middle) - widest / 2.0 - 1.0).max(0.0);
                most = most.max(outside(gap, mine_wide) / (mine_wide.max(thinnest) * mine_density));
            }
            if mine_wide >= thinnest {
                let gap = apart(f64::from(mine.from) - 1.0, f64::from(mine.to) + 1.0);
                let density = c.population.birth_density(year_start(slot) as i32 + 180);
                most = most.max(outside(gap, mine_wide.min(widest)) / (mine_wide * density));
            }
            out.push(lg(m.range_holds * most + 1.0 - m.range_holds) as f32);
        }
    }
    out
}

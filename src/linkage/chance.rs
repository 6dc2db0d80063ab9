//! How common what two records agree in is: the share of comparable records that would agree as well by chance. These are the frequencies the
//! weights rest on, computed again for explanations only; weighing ([`super::compare`]) never asks for them.
//!
//! `None`: the two do not agree in the field, or its weight rests on no frequency. A share is above 0 and at most 1; where several parts of a field
//! agree their shares are multiplied, later tokens of a name at the exponent at which they are weighed. Some microseconds each, [`place`] aside.

use super::compare::{self, Context, tail};
use super::features::{Birth, Features, Item, ItemField};
use super::spacetime::{Atlas, Relation};
use super::tokens::{TokenId, TokenLevel};

/// Tokens that agree.
type Agreeing = Vec<(TokenId, TokenId, TokenLevel)>;

/// A product of shares; `None` without any.
fn product(shares: impl IntoIterator<Item = f64>) -> Option<f64> {
    shares.into_iter().map(|s| s.min(1.0)).reduce(|all, s| all * s)
}

fn tokens(c: Context<'_>, agreeing: &Agreeing, nations: [u16; 2]) -> Vec<f64> {
    let mut shares: Vec<f64> = agreeing.iter().map(|(a, b, level)| compare::token_share(c, (*a, *b), *level, nations)).collect();
    shares.sort_unstable_by(f64::total_cmp);
    shares
}

/// Records whose name agrees as well.
#[must_use]
pub fn names(c: Context<'_>, left: &Features, right: &Features) -> Option<f64> {
    let (outcome, agreeing) = compare::names_noting::<Agreeing>(c, left, right)?;
    if outcome.level == "name.conflict" {
        return None;
    }
    let shares = tokens(c, &agreeing, [left.nation(), right.nation()]);
    product(shares.into_iter().enumerate().map(|(i, s)| if i < 2 { s } else { s.min(1.0).powf(c.model.name.later_token_weight) }))
}

/// Persons born on the day, in the year or within the interval in which the two agree.
#[must_use]
pub fn birth(c: Context<'_>, level: &str, left: &Features, right: &Features) -> Option<f64> {
    let (a, b) = (left.birth?, right.birth?);
    let middle = |x: &Birth| x.from + (x.to - x.from) / 2;
    let per_day = f64::midpoint(c.population.birth_density(middle(&a)), c.population.birth_density(middle(&b)));
    let days = match level {
        "birth.equal" | "birth.swapped" => 1.0,
        "birth.near" => 30.0,
        "birth.same_year" => 365.25,
        "birth.inside" => f64::from((a.to - a.from).max(b.to - b.from) + 1),
        _ => return None,
    };
    Some((per_day * days).min(1.0))
}

/// Records of that sex.
#[must_use]
pub fn sex(c: Context<'_>, left: &Features, right: &Features) -> Option<f64> {
    left.sex.filter(|_| left.sex == right.sex).map(|s| c.population.sex_share(s))
}

/// Records of the nationality both state, or of the one declared where another is often meant.
#[must_use]
pub fn nationality(c: Context<'_>, level: &str, left: &Features, right: &Features) -> Option<f64> {
    let nation = match level {
        "nationality.equal" => left.nations.iter().find(|n| right.nations.contains(n)),
        "nationality.known_confusion" => right.nations.first(),
        _ => None,
    };
    nation.map(|n| c.population.nation_share(*n))
}

/// Persons of the sex whose stature is as near.
#[must_use]
pub fn stature(c: Context<'_>, level: &str, left: &Features, right: &Features) -> Option<f64> {
    let (a, b) = (left.stature?, right.stature?);
    let sex = left.sex.or(right.sex);
    let density = |x: (f32, f32)| c.population.stature_density(f32::midpoint(x.0, x.1), sex);
    let reach = match level {
        "stature.close" => 2.0,
        "stature.near" => 4.0,
        _ => return None,
    };
    Some((f64::midpoint(density(a), density(b)) * reach * compare::stature_sd(c, a, b)).min(1.0))
}

/// Records with that build (axis 0), hair (1) or eyes (2), or one that is confused with it.
#[must_use]
pub fn look(c: Context<'_>, axis: usize, left: &Features, right: &Features) -> Option<f64> {
    let (a, b) = (left.looks[axis], right.looks[axis]);
    let share = |id| c.population.look_share(axis, id);
    match (a == b, c.lexicon.similar(a, b)) {
        _ if a == 0 || b == 0 => None,
        (true, _) => Some(share(a)),
        (_, true) => Some((share(a) + share(b)).min(1.0)),
        _ => None,
    }
}

/// Records with marks (or dental findings, garments, belongings) like those that agree.
#[must_use]
pub fn items(c: Context<'_>, field: ItemField, left: &Features, right: &Features) -> Option<f64> {
    let mut shares = Vec::new();
    compare::items_noting(c, field, left, right, |a, b| shares.push(item(c, field as usize, a, b)))?;
    product(shares)
}

fn item(c: Context<'_>, field: usize, a: &Item, b: &Item) -> f64 {
    let p = c.population;
    let kind = |i: &Item| p.kind_rate(field, i.kind);
    let mut share = if a.kind == b.kind { kind(a) } else { kind(a) + kind(b) }.min(1.0);
    if a.detail != 0 && b.detail != 0 {
        if a.detail == b.detail && a.kind == b.kind {
            share *= p.detail_share(field, a);
        } else if compare::similar(c, a.detail, b.detail) {
            share *= (p.detail_share(field, a) + p.detail_share(field, b)).min(1.0);
        }
    }
    if a.part != 0 && b.part != 0 {
        if a.part == b.part {
            share *= p.part_share(a.part);
        } else if c.lexicon.similar(a.part, b.part) {
            share *= (p.part_share(a.part) + p.part_share(b.part)).min(1.0);
        }
    }
    share
}

/// Records that carry the telephone number.
#[must_use]
pub fn phone(c: Context<'_>, left: &Features, right: &Features) -> Option<f64> {
    let carried = |n: &str| c.population.number_count(n);
    let equal = left.phones.iter().flat_map(|a| right.phones.iter().filter(|b| tail(a, 8) == tail(b, 8)).map(|b| carried(a).max(carried(b))));
    equal.min().map(|carriers| compare::phone_share(c, carriers).min(1.0))
}

/// Records that carry the document number.
#[must_use]
pub fn document(c: Context<'_>, left: &Features, right: &Features) -> Option<f64> {
    left.documents
        .iter()
        .filter(|a| right.documents.contains(a))
        .map(|a| compare::document_share(c, c.population.number_count(a)))
        .min_by(f64::total_cmp)
}

/// Records with a companion whose name agrees as well.
#[must_use]
pub fn companions(c: Context<'_>, left: &Features, right: &Features) -> Option<f64> {
    let nations = [left.nation(), right.nation()];
    let pairs = left.companions.iter().flat_map(|a| right.companions.iter().map(move |b| (a, b)));
    let weighed = pairs.map(|(a, b)| {
        let mut agreeing = Agreeing::new();
        (compare::companion(c, (a, b), nations, &mut agreeing), agreeing)
    });
    let best = weighed.filter(|w| w.0 > 0.0).max_by(|x, y| x.0.total_cmp(&y.0))?;
    product(tokens(c, &best.1, nations))
}

/// Records with the parts of the address that agree.
#[must_use]
pub fn residence(c: Context<'_>, left: &Features, right: &Features) -> Option<f64> {
    let mut shares = Vec::new();
    let common = |t: TokenId| c.residences.frequency(t, 0, 1.0);
    compare::residence_noting(c, left, right, |a, b| shares.push(common(a).max(common(b))))?;
    product(shares)
}

/// Found records of the kind that lie as near to the case's place; where no distance is known, records of the country both name. Cost: 20 ns per
/// half-degree cell that holds records.
#[must_use]
pub fn place(c: Context<'_>, atlas: &Atlas, level: &str, case: &Features, record: &Features) -> Option<f64> {
    if !matches!(level, "place_time.fits_well" | "place_time.fits") {
        return None;
    }
    match (atlas.place_of(case), atlas.place_of(record)) {
        (Some(a), Some(b)) => atlas.share_within(c.model, &a, a.distance_km(&b), Relation::between(case.kind, record.kind)),
        _ => (case.country != 0 && case.country == record.country).then(|| c.population.country_share(case.country)),
    }
}

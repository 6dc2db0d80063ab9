//! What an audience may hear of patterns: everything of its own records; of others' only what five or more share, roughly and coarsely.

use super::analyse::{Along, Excess, Findings, Group, OnCorridor, Stretch, Subject};
use crate::domain::disclosure::told_together;
use crate::domain::place::{Place, PlacePrecision};
use crate::geo::patterns::{DensityBin, Sign};
use crate::geo::{Corridors, Position};
use chrono::{Datelike, Months, NaiveDate};
use serde::Serialize;
use utoipa::ToSchema;

/// How many persons are the audience's own and how many are others'.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sides {
    /// The audience's own.
    pub own: usize,
    /// Others'.
    pub others: usize,
}

impl Sides {
    /// Counts one more.
    pub const fn add(&mut self, own: bool) {
        if own {
            self.own += 1;
        } else {
            self.others += 1;
        }
    }

    /// The sides of some subjects.
    #[must_use]
    pub fn of(subjects: &[Subject], members: &[usize]) -> Self {
        let mut sides = Self::default();
        members.iter().filter_map(|member| subjects.get(*member)).for_each(|subject| sides.add(subject.own));
        sides
    }

    /// As it may be told.
    #[must_use]
    pub const fn told(self) -> Persons {
        Persons { own: self.own, others_at_least: told_together(self.others) }
    }
}

/// How many persons, as it may be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Persons {
    /// Of the audience's own records.
    pub own: usize,
    /// Of others' records: at least so many, in steps of five. Absent: four or fewer, or none, or nobody was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub others_at_least: Option<usize>,
}

impl Persons {
    const fn is_none(self) -> bool {
        self.own == 0 && self.others_at_least.is_none()
    }
}

/// A corridor with how many may be on it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CorridorTold {
    /// Its id.
    pub corridor: String,
    /// Its name.
    pub name: String,
    /// How many.
    pub persons: Persons,
}

/// A stretch of the chosen corridor.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StretchTold {
    /// Where it begins, in km along the corridor.
    pub from_km: f64,
    /// Where it ends.
    pub to_km: f64,
    /// How many.
    pub persons: Persons,
}

/// What lies along a corridor.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AlongTold {
    /// Its id.
    pub corridor: String,
    /// Smoothed density; empty when others take part, because a smoothed line can be turned back into the places it was made from.
    pub density: Vec<BinTold>,
    /// Persons per stretch.
    pub stretches: Vec<StretchTold>,
}

/// A bin of the smoothed density; only where all records are the audience's own or public.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct BinTold {
    /// Where it begins, in km along the corridor.
    pub from_km: f64,
    /// Where it ends.
    pub to_km: f64,
    /// Per kilometre. A count, not a risk.
    pub per_km: f64,
    /// How many reach into it.
    pub events: u32,
}

/// A record that belongs to something, of the audience's own or public.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Member {
    /// Its id.
    pub id: String,
    /// Its folio or number.
    pub name: String,
}

/// Who stands together, where and when.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct GroupTold {
    /// How many.
    pub persons: Persons,
    /// Those of the audience's own.
    pub members: Vec<Member>,
    /// The middle; to a quarter of a degree when others take part.
    pub lat: f64,
    /// The middle.
    pub lon: f64,
    /// The radius in km.
    pub radius_km: f64,
    /// The first day; the first of its month when others take part.
    pub from: NaiveDate,
    /// The last day; the last of its month when others take part.
    pub to: NaiveDate,
}

/// More than chance has it, at a place and a time.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ExcessTold {
    /// Who, where and when.
    #[serde(flatten)]
    pub group: GroupTold,
    /// How many were to be expected; absent when others take part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<f64>,
    /// Log-likelihood ratio; absent when others take part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub llr: Option<f64>,
    /// In how many shuffles of the days something as strong arose anywhere.
    pub as_strong: u32,
    /// `(1 + as_strong) / (shuffles + 1)`.
    pub p: f64,
}

/// One value of one attribute.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SignTold {
    /// corridor, month, country, origin, transport, kind, risk, incident, cause …
    pub attribute: String,
    /// Its value.
    pub value: String,
}

impl From<&Sign> for SignTold {
    fn from(sign: &Sign) -> Self {
        Self { attribute: sign.attribute.clone(), value: sign.value.clone() }
    }
}

/// How often each of two signs stands, and both; only where all records are the audience's own or public.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct LiftCounts {
    /// With both.
    pub both: usize,
    /// With the first.
    pub first: usize,
    /// With the second.
    pub second: usize,
    /// With both attributes recorded.
    pub all: usize,
}

/// Two signs that stand together more often than chance has it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LiftTold {
    /// One.
    pub first: SignTold,
    /// The other.
    pub second: SignTold,
    /// How many have both.
    pub persons: Persons,
    /// How many times as often as if neither had to do with the other; to one decimal when others take part.
    pub lift: f64,
    /// The counts it rests on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counts: Option<LiftCounts>,
    /// Those of the audience's own.
    pub members: Vec<Member>,
}

/// What was found, as an audience may hear it.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Told {
    /// Whether everything is exact: all records are the audience's own, or public.
    pub exact: bool,
    /// Records of the audience's own that took part.
    pub own: usize,
    /// Own records left out of places because none or only a vague one is known.
    pub own_without_place: usize,
    /// Own records left out of times because no day is known.
    pub own_without_day: usize,
    /// Persons per corridor; one who may be on two counts on both.
    pub corridors: Vec<CorridorTold>,
    /// Along the corridors asked for.
    pub along: Vec<AlongTold>,
    /// Clusters in space and time.
    pub clusters: Vec<GroupTold>,
    /// The permutation scan.
    pub scan: Vec<ExcessTold>,
    /// On how many shuffles it rests.
    pub shuffles: u32,
    /// Signs that stand together.
    pub lift: Vec<LiftTold>,
}

/// A day by its number from the common era.
fn day(number: i32) -> NaiveDate {
    NaiveDate::from_num_days_from_ce_opt(number).unwrap_or_default()
}

/// The first day of a day's month.
#[must_use]
pub fn month_start(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

/// The last day of a day's month.
#[must_use]
pub fn month_end(day: NaiveDate) -> NaiveDate {
    month_start(day).checked_add_months(Months::new(1)).and_then(|next| next.pred_opt()).unwrap_or(day)
}

/// A place as it may be told where others take part.
fn coarse(at: Position) -> (f64, f64) {
    let whole = Place { lat: Some(at.lat()), lon: Some(at.lon()), ..Place::default() };
    whole.reduced(PlacePrecision::Municipality).position().unwrap_or((at.lat(), at.lon()))
}

/// What a cut needs to know.
pub struct Audience<'a> {
    /// Everything is the audience's own, or public.
    pub exact: bool,
    /// The subjects.
    pub subjects: &'a [Subject],
    /// What the audience calls the subjects that are its own.
    pub names: &'a dyn Fn(usize) -> Member,
}

impl Audience<'_> {
    fn members(&self, members: &[usize]) -> Vec<Member> {
        members
            .iter()
            .filter(|member| self.subjects.get(**member).is_some_and(|subject| subject.own))
            .map(|member| (self.names)(*member))
            .collect()
    }

    /// A group, unless it holds others and too few of them.
    fn group(&self, group: &Group) -> Option<GroupTold> {
        let persons = Sides::of(self.subjects, &group.members).told();
        let members = self.members(&group.members);
        let (from, to) = (day(group.from_day), day(group.to_day));
        if self.exact {
            let (lat, lon, radius_km) = (group.centre.lat(), group.centre.lon(), group.radius_km);
            return Some(GroupTold { persons, members, lat, lon, radius_km, from, to });
        }
        // Groups without others, and with too few of them, are left out alike: the audience has its own in its own view, and an absence there
        // tells nothing.
        persons.others_at_least?;
        let (lat, lon) = coarse(group.centre);
        let radius_km = (group.radius_km / 25.0).ceil().max(1.0) * 25.0;
        Some(GroupTold { persons, members, lat, lon, radius_km, from: month_start(from), to: month_end(to) })
    }

    fn excess(&self, excess: &Excess) -> Option<ExcessTold> {
        let group = self.group(&excess.group)?;
        let only_exact = |value: f64| self.exact.then_some(value);
        let (expected, llr) = (only_exact(excess.expected), only_exact(excess.llr));
        Some(ExcessTold { group, expected, llr, as_strong: excess.as_strong, p: excess.p })
    }

    fn lift(&self, pair: &crate::geo::patterns::Lift) -> Option<LiftTold> {
        let persons = Sides::of(self.subjects, &pair.members).told();
        if !self.exact {
            persons.others_at_least?;
        }
        let lift = if self.exact { pair.lift } else { (pair.lift * 10.0).round() / 10.0 };
        let counts = self.exact.then_some(LiftCounts { both: pair.n_ab, first: pair.n_a, second: pair.n_b, all: pair.n });
        Some(LiftTold { first: (&pair.a).into(), second: (&pair.b).into(), persons, lift, counts, members: self.members(&pair.members) })
    }

    /// Everything that was found, cut.
    #[must_use]
    pub fn cut(&self, corridors: &Corridors, found: &Findings) -> Told {
        let corridor = |on: &OnCorridor| {
            let route = corridors.route(on.route).ok()?;
            Some(CorridorTold { corridor: route.id.clone(), name: route.name.clone(), persons: on.sides.told() })
        };
        let stretch = |s: &Stretch| StretchTold { from_km: s.from_km, to_km: s.to_km, persons: s.sides.told() };
        let bin = |b: &DensityBin| BinTold { from_km: b.from_km, to_km: b.to_km, per_km: b.per_km, events: b.events };
        let along = |along: &Along| {
            let density = if self.exact { along.density.iter().map(bin).collect() } else { Vec::new() };
            let stretches = along.stretches.iter().map(stretch).filter(|s| !s.persons.is_none()).collect();
            Some(AlongTold { corridor: corridors.route(along.route).ok()?.id.clone(), density, stretches })
        };
        Told {
            exact: self.exact,
            own: found.considered.own,
            own_without_place: found.without_place.own,
            own_without_day: found.without_day.own,
            corridors: found.corridors.iter().filter_map(corridor).filter(|c| !c.persons.is_none()).collect(),
            along: found.along.iter().filter_map(along).collect(),
            clusters: found.clusters.iter().filter_map(|group| self.group(group)).collect(),
            scan: found.scan.iter().filter_map(|excess| self.excess(excess)).collect(),
            shuffles: found.shuffles,
            lift: found.lift.iter().filter_map(|pair| self.lift(pair)).collect(),
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::geo::RouteIndex;
    use crate::geo::patterns::Lift;
    use proptest::prelude::*;

    fn corridors() -> Corridors {
        let line = r#"{"features":[{"type":"Feature","properties":{"id":"a","name":"A","medium":"rail","mode":"train"},
            "geometry":{"type":"LineString","coordinates":[[0,0],[1,0]]}}]}"#;
        Corridors::from_texts(line.as_bytes(), b"route_id,seq,town,lon,lat,geonameid,measure_km\n").unwrap()
    }

    fn group(members: Vec<usize>) -> Group {
        Group { members, centre: Position::new(16.237, -93.911).unwrap(), radius_km: 3.2, from_day: 738_000, to_day: 738_020 }
    }

    proptest! {
        #[test]
        fn an_audience_that_does_not_own_all_hears_of_five_others_or_of_none(
            owned in proptest::collection::vec(any::<bool>(), 1..40),
            picked in proptest::collection::vec(proptest::collection::btree_set(0..40usize, 1..30), 1..6),
        ) {
            let subject = |own: &bool| Subject { at: None, radius_m: 1.0, day: None, signs: Vec::new(), own: *own };
            let subjects: Vec<Subject> = owned.iter().map(subject).collect();
            let groups: Vec<Vec<usize>> = picked.iter().map(|g| g.iter().copied().filter(|m| *m < owned.len()).collect()).collect();
            let mut found = Findings::default();
            for members in &groups {
                let sides = Sides::of(&subjects, members);
                found.clusters.push(group(members.clone()));
                found.scan.push(Excess { group: group(members.clone()), expected: 1.5, llr: 9.0, as_strong: 0, p: 0.001 });
                let sign = |value: &str| Sign { attribute: "x".to_owned(), value: value.to_owned() };
                let n = members.len();
                found.lift.push(Lift { a: sign("a"), b: sign("b"), n_ab: n, n_a: n, n_b: n, n, lift: 2.345, members: members.clone() });
                let density = vec![DensityBin { from_km: 0.0, to_km: 5.0, per_km: 0.4, events: 3 }];
                found.along.push(Along { route: RouteIndex(0), density, stretches: vec![Stretch { from_km: 0.0, to_km: 25.0, sides }] });
            }
            let names = |number: usize| Member { id: number.to_string(), name: number.to_string() };
            let told = Audience { exact: false, subjects: &subjects, names: &names }.cut(&corridors(), &found);
            let enough: Vec<usize> = groups.iter().map(|g| Sides::of(&subjects, g).others).filter(|n| *n >= 5).collect();
            let numbers: Vec<Persons> = told.clusters.iter().map(|g| g.persons).collect();
            prop_assert_eq!(numbers.iter().map(|p| p.others_at_least).collect::<Vec<_>>(), enough.iter().map(|n| Some(n / 5 * 5)).collect::<Vec<_>>());
            prop_assert_eq!((told.scan.len(), told.lift.len()), (enough.len(), enough.len()));
            prop_assert!(told.scan.iter().all(|s| s.expected.is_none() && s.llr.is_none()) && told.lift.iter().all(|l| l.counts.is_none() && l.lift == 2.3));
            prop_assert!(told.along.iter().all(|a| a.density.is_empty()));
            let shown = told.clusters.iter().flat_map(|g| &g.members).chain(told.lift.iter().flat_map(|l| &l.members));
            for member in shown {
                prop_assert!(owned[member.id.parse::<usize>().unwrap()], "another's record is named");
            }
            for cluster in &told.clusters {
                prop_assert_eq!((cluster.lat, cluster.lon, cluster.radius_km), (16.25, -94.0, 25.0));
                prop_assert_eq!((cluster.from.day(), cluster.to.succ_opt().unwrap().day()), (1, 1));
            }
            for persons in told.along.iter().flat_map(|a| &a.stretches).map(|s| s.persons) {
                prop_assert!(persons.own > 0 || persons.others_at_least.is_some(), "what holds nothing that may be told is left out");
                prop_assert!(persons.others_at_least.is_none_or(|n| n >= 5 && n % 5 == 0));
            }
        }
    }
}

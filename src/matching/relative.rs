//! The third outcome of a pair: the record is neither the person sought nor a stranger, but a relative who went the same way. Brothers who travel together
//! share surnames, origin, home, companions, route and time; a record that agrees in nothing else is as likely the other's. What speaks for a relative
//! competes with what speaks for the person, so it is taken off the odds; what tells persons of one family apart (given name, birth, sex, marks, documents)
//! says nothing for a relative and nothing against.

use crate::linkage::compare;
use crate::linkage::features::{Features, TokenRole};
use crate::linkage::model::Millibans;
use crate::linkage::record::Side;

use super::score::Field;
use super::store::Store;

/// True for fields in which a relative who went the same way agrees as the person would.
pub(super) const fn has(field: Field) -> bool {
    matches!(field, Field::Nationality | Field::Companions | Field::Residence | Field::PlaceTime)
}

/// What speaks for a relative of the person sought, against a stranger.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Relative {
    /// log10 prior odds.
    pub prior: f64,
    /// log10 of what both have in common, before the share that is kept.
    pub sum: f64,
}

impl Relative {
    /// Of a pair with its prior odds; `name` is the weight of the whole name, `common` that of the fields that [`has`]. Surnames are a mixture: shared, or
    /// as a stranger's. Given names that agree are the person's: with them taken off, surnames weigh at most what the name does, which has a limit.
    /// Cost: looking up every pair of surnames; where some are alike, two more comparisons of names.
    pub fn of(store: &Store, (case, record): (&Features, &Features), prior: Millibans, (name, common): (Millibans, Millibans)) -> Self {
        let m = &store.model().relative;
        let has_surnames = |f: &Features| f.forms.iter().any(|form| form.tokens.iter().any(|t| t.1.is_surname()));
        let parts = |holds: fn(TokenRole) -> bool| compare::name_parts(store.context(), case, record, holds);
        let surnames = parts(TokenRole::is_surname).map(|surnames| {
            let given = parts(|role| role == TokenRole::Given).unwrap_or(0.0);
            if given > 0.0 { surnames.min(name.log10() - given) } else { surnames }
        });
        let surnames = match surnames {
            Some(weight) => (m.shares_surnames * 10f64.powf(weight) + 1.0 - m.shares_surnames).log10(),
            None if has_surnames(case) && has_surnames(record) => (1.0 - m.shares_surnames).log10(),
            None => 0.0,
        };
        // Of the same side, the prior odds are those of a second record of one person: not of what a relative has one record of.
        let expected = match (case.side == record.side, case.side) {
            (false, _) => 1.0,
            (true, Side::Case) => store.model().duplicates.case.expected_partners,
            (true, Side::Found) => store.model().duplicates.record.expected_partners,
        };
        Self { prior: prior.log10() + (m.travels / expected).log10(), sum: common.log10() + surnames }
    }

    /// What a relative takes off the log10 odds of the person, never above 0: with odds `o` of the person and `r` of a relative, both against a stranger,
    /// what is left is `o / (1 + r)`.
    pub fn taken(self, kept: f64) -> f64 {
        -(1.0 + 10f64.powf(self.prior + kept * self.sum)).log10()
    }
}

/// How likely a record is a relative's, by the share of "not the person" and by what a relative takes off the log10 odds.
#[must_use]
pub fn probability(not_the_person: f64, taken: Millibans) -> f64 {
    not_the_person * (1.0 - 10f64.powf(taken.log10().min(0.0)))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::geo::reach::Reach;
    use crate::linkage::lexicon::Lexicon;
    use crate::linkage::model::Model;
    use crate::linkage::record::{DateInterval, PersonRecord, RecordKey, RecordKind, WrittenName};
    use crate::matching::link::load;
    use chrono::NaiveDate;

    fn person(key: u128, side: Side, kind: RecordKind, given: &str, born: (i32, u32, u32)) -> PersonRecord {
        let day = |(y, m, d): (i32, u32, u32)| NaiveDate::from_ymd_opt(y, m, d).unwrap();
        PersonRecord {
            names: vec![WrittenName {
                given: Some(given.into()),
                first_surname: Some("Xitumul".into()),
                second_surname: Some("Chavajay".into()),
                ..WrittenName::default()
            }],
            birth: Some(DateInterval::day(day(born))),
            country: Some("GT".into()),
            residence: vec!["Rabinal".into(), "Baja Verapaz".into()],
            event: Some(DateInterval::day(day((2025, 3, 2)))),
            ..PersonRecord::new(RecordKey(key), side, kind)
        }
    }

    #[test]
    fn a_brother_on_the_same_way_is_told_from_the_person_and_takes_from_him() {
        let others = ["Ana Morales Soto", "Luis Pérez Cruz", "Eva Ramos Tzoc", "Juan Díaz Coy"];
        let mut records = vec![
            person(0, Side::Found, RecordKind::Shelter, "Mateo", (2001, 5, 9)),
            person(1, Side::Found, RecordKind::Shelter, "Tomás", (1998, 2, 1)),
        ];
        for (key, name) in (2..40).zip(others.iter().cycle()) {
            let [given, first, second] = name.split(' ').collect::<Vec<_>>().try_into().unwrap();
            let mut other = person(key, Side::Found, RecordKind::Shelter, given, (1990, 1, 17));
            other.names[0].first_surname = Some(first.into());
            other.names[0].second_surname = Some(second.into());
            other.residence = vec!["Escuintla".into()];
            records.push(other);
        }
        let case = person(0, Side::Case, RecordKind::Case, "Mateo", (2001, 5, 9));
        let store = load(Model::standard().unwrap(), Lexicon::standard().unwrap(), Reach::standard().unwrap(), &[case], &records);
        let of = |record: u128| {
            let a = store.assess(RecordKey(0), RecordKey(record)).unwrap();
            let taken = a.evidence.iter().find(|e| e.field == Field::Relative).unwrap().log10_lr;
            (a.probability, taken, probability(1.0 - a.probability, taken))
        };
        let (himself, brother, stranger) = (of(0), of(1), of(2));
        assert!(himself.0 > 0.9 && himself.2 < 0.1, "{himself:?}");
        // Given names that agree leave a relative less of the same surnames.
        assert!(himself.1 > brother.1, "{himself:?} {brother:?}");
        assert!(brother.2 > brother.0 && brother.1 < Millibans(-1000), "{brother:?}");
        assert!(stranger.2 < 0.05, "{stranger:?}");
    }
}

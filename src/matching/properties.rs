//! What must hold of every pair, over records made to nearly agree.

use chrono::{Datelike, NaiveDate};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::link::{Mode, link_all, load};
use super::rank::RankOptions;
use super::score::{Assessment, Comparison, Field, total};
use super::store::Store;
use crate::geo::reach::Reach;
use crate::linkage::birth::{self, Births};
use crate::linkage::features::{Birth, BirthSource};
use crate::linkage::lexicon::Lexicon;
use crate::linkage::model::{Millibans, Model};
use crate::linkage::record::{
    AgeRange, DateInterval, NameRole, PersonRecord, Position, PostMortemInterval, RecordKey, RecordKind, Sex, Side, WrittenName,
};

fn date() -> impl Strategy<Value = NaiveDate> {
    (1950..2024_i32, 1..=12_u32, 1..=28_u32).prop_map(|(y, m, d)| NaiveDate::from_ymd_opt(y, m, d).unwrap())
}

fn interval() -> impl Strategy<Value = DateInterval> {
    (date(), prop_oneof![4 => Just(0), 1 => 1..40_i64, 1 => Just(365), 1 => 300..9000_i64])
        .prop_map(|(from, days)| DateInterval { from, to: from + chrono::Duration::days(days) })
}

/// A birth as it is compared; some lie centuries off, as a slip of the hand puts them.
fn birth() -> impl Strategy<Value = Birth> {
    let source = select(&[BirthSource::Stated, BirthSource::Age, BirthSource::Estimated, BirthSource::Document][..]);
    (interval(), source, prop_oneof![8 => Just(0), 1 => Just(200), 1 => Just(1000)]).prop_map(|(days, source, years)| {
        let day = |day: NaiveDate| day.checked_sub_months(chrono::Months::new(12 * years)).unwrap().num_days_from_ce();
        Birth { from: day(days.from), to: day(days.to), source }
    })
}

fn texts(of: &'static [&'static str], most: usize) -> impl Strategy<Value = Vec<String>> {
    subsequence(of, 0..=most).prop_map(|list| list.into_iter().map(str::to_owned).collect())
}

/// A record made of few values, so that two of them often agree, nearly agree, or disagree.
pub(super) fn record(side: Side) -> impl Strategy<Value = PersonRecord> {
    const GIVEN: &[&str] = &["José", "Jose", "Juan", "Juna", "Pancho", "Francisco", "María Fernanda", "Mª", "J", "Lucía", "Luzia"];
    const SURNAME: &[&str] = &["García", "Garsia", "Hernández", "Ernandes", "López", "Lopes", "Diallo", "Jallow", "Xi", "Zelaya"];
    // On a railway, by a river and down it, a place of return, and both ends of a sea leg.
    const PLACES: &[(f64, f64)] =
        &[(16.4, -95.1), (14.9, -92.3), (31.3, -110.9), (15.5, -88.0), (27.5, -99.51), (26.95, -99.4), (33.1, 12.1), (36.0, 14.5)];
    let name = (proptest::option::of(select(GIVEN)), proptest::option::of(select(SURNAME)), proptest::option::of(select(SURNAME)), 0..4_u8)
        .prop_map(|(given, first, second, how)| {
            let text = |t: Option<&str>| t.map(str::to_owned);
            let whole = [given, first, second].into_iter().flatten().collect::<Vec<_>>().join(" ");
            match how {
                0 => WrittenName { full_text: Some(whole), ..WrittenName::default() },
                1 => WrittenName { given: text(given), role: NameRole::Alias, ..WrittenName::default() },
                _ => WrittenName { given: text(given), first_surname: text(first), second_surname: text(second), ..WrittenName::default() },
            }
        });
    let kind = match side {
        Side::Case => Just(RecordKind::Case).boxed(),
        Side::Found => select(&RecordKind::ALL[1..]).boxed(),
    };
    let person = (
        proptest::collection::vec(name, 0..3),
        proptest::option::of(select(&[Sex::Female, Sex::Male][..])),
        proptest::option::of(interval()),
        proptest::option::of((0..60_u16, 0..20_u16, date())),
        subsequence(vec!["HND", "MEX", "GTM", "GIN", "SEN"], 0..3),
        proptest::option::of((100..200_u16, 0..15_u16)),
        proptest::option::of(select(&["negro", "castaño oscuro", "rubio", "entrecano"][..])),
    );
    let things = (
        texts(&["cicatriz en la ceja izquierda", "scar on left eyebrow", "tatuaje de cruz en mano derecha", "lunar en mejilla", "zzz"], 3),
        texts(&["falta incisivo superior", "corona de oro", "dientes chuecos"], 2),
        texts(&["camisa azul", "blue shirt", "pantalón negro", "botas"], 3),
        texts(&["rosario de madera", "celular Samsung", "cadena"], 2),
        texts(&["+504 9876 5432", "98765432", "98756432", "9876543", "5551234567"], 2),
        texts(&["0801199012345", "0801199021345", "080119901234", "LOPJ850614HCSPRN02", "0010101800001X", "ABC123456"], 2),
        texts(&["Juan López", "Jhon Lopes", "María Zelaya"], 2),
        texts(&["Barrio El Centro", "Bario El Centro", "Choluteca", "504", "12"], 3),
    );
    let place = (
        proptest::option::of((select(PLACES), prop_oneof![4 => 0..40_000_u32, 1 => 90_000..300_000_u32])),
        proptest::option::of(select(&["Ixtepec", "Tapachula"][..])),
        proptest::option::of(select(&["MEX", "HND", "USA"][..])),
        proptest::option::of(interval()),
        proptest::option::of((0..400_u32, 0..900_u32)),
    );
    (kind, person, things, place).prop_map(move |(kind, person, things, place)| {
        let strings = |list: Vec<&str>| list.into_iter().map(str::to_owned).collect();
        PersonRecord {
            names: person.0,
            sex: person.1,
            birth: person.2,
            age: person.3.map(|(min, more, at)| AgeRange { min_years: min, max_years: min + more, at }),
            nationalities: strings(person.4),
            stature_cm: person.5.map(|(low, more)| (low, low + more)),
            hair: person.6.map(str::to_owned),
            marks: things.0,
            dental: things.1,
            clothing: things.2,
            belongings: things.3,
            phones: things.4,
            documents: things.5,
            companions: things.6,
            residence: things.7,
            position: place.0.map(|((lat, lon), uncertainty)| Position { lat, lon, uncertainty_m: f64::from(uncertainty) }),
            place_text: place.1.map(str::to_owned),
            country: place.2.map(str::to_owned),
            event: place.3,
            pmi: place.4.map(|(min, more)| PostMortemInterval { min_days: min, max_days: min + more }),
            ..PersonRecord::new(RecordKey(0), side, kind)
        }
    })
}

pub(super) fn numbered(mut records: Vec<PersonRecord>) -> Vec<PersonRecord> {
    for (key, record) in (0..).zip(&mut records) {
        record.key = RecordKey(key);
    }
    records
}

fn store(cases: &[PersonRecord], records: &[PersonRecord]) -> Store {
    load(Model::standard().unwrap(), Lexicon::standard().unwrap(), Reach::standard().unwrap(), cases, records)
}

fn weight_of(a: &Assessment, field: Field) -> Millibans {
    a.evidence.iter().find(|e| e.field == field).unwrap().log10_lr
}

/// A field that can be left out or taken over, and the fields whose weight rests on it too: statures are of a sex and of children or adults, names are
/// as common as they are in a nation, what a document's number tells counts where the record tells less, and without a position the words for a place
/// or a country speak.
type Part = (Field, &'static [Field], fn(&mut PersonRecord, &PersonRecord));

const PARTS: &[Part] = &[
    (Field::Name, &[], |r, from| r.names.clone_from(&from.names)),
    (Field::Birth, &[Field::Stature, Field::Holder], |r, from| (r.birth, r.age) = (from.birth, from.age)),
    (Field::Sex, &[Field::Stature], |r, from| r.sex = from.sex),
    (Field::Nationality, &[Field::Name, Field::Companions, Field::Residence, Field::Holder], |r, from| {
        r.nationalities.clone_from(&from.nationalities)
    }),
    (Field::Stature, &[], |r, from| r.stature_cm = from.stature_cm),
    (Field::Hair, &[], |r, from| r.hair.clone_from(&from.hair)),
    (Field::Marks, &[], |r, from| r.marks.clone_from(&from.marks)),
    (Field::Dental, &[], |r, from| r.dental.clone_from(&from.dental)),
    (Field::Clothing, &[], |r, from| r.clothing.clone_from(&from.clothing)),
    (Field::Belongings, &[], |r, from| r.belongings.clone_from(&from.belongings)),
    (Field::Phone, &[], |r, from| r.phones.clone_from(&from.phones)),
    (Field::Document, &[Field::Holder], |r, from| r.documents.clone_from(&from.documents)),
    (Field::Companions, &[], |r, from| r.companions.clone_from(&from.companions)),
    (Field::Residence, &[], |r, from| r.residence.clone_from(&from.residence)),
];

/// Cases, records, and what is left out or taken over in each pair. Many pairs in one store, as making a store costs most.
fn pairs() -> impl Strategy<Value = Vec<(PersonRecord, PersonRecord, Part)>> {
    proptest::collection::vec((record(Side::Case), record(Side::Found), select(PARTS)), 30)
}

/// A store of every pair's case, record, and changed record, in this order of keys: the case under n, its records under 2 n and 2 n + 1.
fn with_changed(pairs: &[(PersonRecord, PersonRecord, Part)], change: impl Fn(&mut PersonRecord, &PersonRecord, Part)) -> Store {
    let cases = numbered(pairs.iter().map(|p| p.0.clone()).collect());
    let records = pairs.iter().flat_map(|(case, record, part)| {
        let mut changed = record.clone();
        change(&mut changed, case, *part);
        [record.clone(), changed]
    });
    store(&cases, &numbered(records.collect()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4))]
    #[test]
    fn an_explanation_adds_up_exactly_and_what_cannot_be_compared_weighs_nothing(
        cases in proptest::collection::vec(record(Side::Case), 12),
        records in proptest::collection::vec(record(Side::Found), 24)
    ) {
        let (cases, records) = (numbered(cases), numbered(records));
        let store = store(&cases, &records);
        for (c, r) in cases.iter().flat_map(|c| records.iter().map(move |r| (c, r))) {
            let a = store.assess(c.key, r.key).unwrap();
            prop_assert_eq!(a.prior + a.evidence.iter().map(|e| e.log10_lr).sum(), a.log10_odds);
            let (case, record) = (store.features(Side::Case, c.key).unwrap(), store.features(Side::Found, r.key).unwrap());
            prop_assert_eq!(total(&store, case, record), a.log10_odds);
            let mut silent = a.evidence.iter().filter(|e| e.comparison == Comparison::NotComparable && !e.field.is_derived());
            prop_assert!(silent.all(|e| e.log10_lr == Millibans(0)));
        }
    }

    #[test]
    fn two_records_of_one_side_weigh_the_same_whichever_asks(
        cases in proptest::collection::vec(record(Side::Case), 20),
        records in proptest::collection::vec(record(Side::Found), 20)
    ) {
        let (cases, records) = (numbered(cases), numbered(records));
        let store = store(&cases, &records);
        for (side, list) in [(Side::Case, &cases), (Side::Found, &records)] {
            for (a, b) in list.iter().flat_map(|a| list.iter().map(move |b| (a, b))).filter(|(a, b)| a.key < b.key) {
                let (there, back) = ((side, a.key), (side, b.key));
                prop_assert_eq!(store.assess_any(there, back), store.assess_any(back, there));
            }
        }
    }

    #[test]
    fn an_absent_field_changes_nothing_but_itself(pairs in pairs()) {
        let store = with_changed(&pairs, |record, _, part| {
            let blank = PersonRecord::new(RecordKey(0), Side::Found, record.kind);
            (part.2)(record, &blank);
        });
        for (n, (_, _, (field, rest_on_it, _))) in (0..).zip(&pairs) {
            let with = store.assess(RecordKey(n), RecordKey(2 * n)).unwrap();
            let without = store.assess(RecordKey(n), RecordKey(2 * n + 1)).unwrap();
            prop_assert_eq!(weight_of(&without, *field), Millibans(0));
            for (other, _, _) in Field::ALL.iter().filter(|f| f.0 != *field && !f.0.is_derived() && !rest_on_it.contains(&f.0)) {
                prop_assert_eq!(weight_of(&with, *other), weight_of(&without, *other), "{:?} without {:?}", other, field);
            }
            prop_assert_eq!(with.prior, without.prior);
        }
    }

    #[test]
    fn agreeing_in_full_never_weighs_less_than_agreeing_in_part(pairs in pairs()) {
        let store = with_changed(&pairs, |record, case, part| (part.2)(record, case));
        for (n, (case, record, (field, _, _))) in (0..).zip(&pairs) {
            // Two vague intervals that are the same say less than a day, or a height, within one.
            let exact = match field {
                Field::Birth => case.birth.is_some_and(|b| b.from == b.to),
                Field::Stature => case.stature_cm.is_none_or(|(low, high)| low == high),
                _ => true,
            };
            let partly = store.assess(RecordKey(n), RecordKey(2 * n)).unwrap();
            let fully = store.assess(RecordKey(n), RecordKey(2 * n + 1)).unwrap();
            let compared = |a: &Assessment| a.evidence.iter().any(|e| e.field == *field && !e.level.is_empty());
            if exact && compared(&partly) && compared(&fully) {
                prop_assert!(weight_of(&fully, *field) >= weight_of(&partly, *field), "{:?} {:?} below {:?}: {:?} / {:?}", field, weight_of(&fully, *field), weight_of(&partly, *field), case, record);
            }
        }
    }

    #[test]
    fn no_birth_weighs_more_than_the_bound_of_its_class(records in proptest::collection::vec(record(Side::Found), 12), births in proptest::collection::vec(birth(), 60)) {
        let store = store(&[], &numbered(records));
        let c = store.context();
        for (a, b) in births.iter().flat_map(|a| births.iter().map(move |b| (a, b))) {
            let class = usize::from(birth::class(b));
            let mut classes = vec![Births::default(); birth::CLASSES];
            classes[class].put(&c.model.birth, b);
            let most = f64::from(birth::bounds(c, a, &classes)[class]);
            let slip = a.from == a.to && b.from == b.to && birth::like_days(a.from, (b.from, b.to)).contains(&b.from);
            for outcome in [birth::weigh(c, a, b), birth::weigh(c, b, a)] {
                let exact = outcome.log10 + c.model.levels.of(outcome.level);
                prop_assert!(slip || exact <= most + 1e-5, "{:?} {:?}: {} above {}", a, b, exact, most);
            }
        }
    }

    #[test]
    fn the_same_input_gives_the_same_pairs_on_one_core_and_on_many(
        cases in proptest::collection::vec(record(Side::Case), 1..12),
        records in proptest::collection::vec(record(Side::Found), 1..24)
    ) {
        let (cases, records) = (numbered(cases), numbered(records));
        let keys: Vec<RecordKey> = cases.iter().map(|c| c.key).collect();
        let run = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| link_all(&store(&cases, &records), Mode::CaseRecord, &keys, RankOptions::default(), &|_| {}))
        };
        prop_assert_eq!(run(1), run(3));
    }
}

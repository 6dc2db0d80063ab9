//! The codes an explanation is made of, and the two values of a field as text. Sentences are the web layer's.

use crate::domain::identity_document::{Holder, holder};
use crate::linkage::features::Features;
use crate::linkage::model::Millibans;
use crate::linkage::record::{DateInterval, NameRole, PersonRecord, RecordKey, RecordKind, Sex, Side};
use crate::linkage::text::number_form;

use super::score::{Assessment, Band, Field, oriented, tells, total, weighed};
use super::store::Store;

pub use crate::linkage::compare::LEVELS;

/// Codes of the bands, weakest first.
pub const BANDS: &[&str] = &["very_weak", "weak", "moderate", "strong", "very_strong"];

/// Codes of the comparisons.
pub const COMPARISONS: &[&str] = &["agree", "partial", "disagree", "explainable", "not_comparable"];

/// Records looked at for what a field is usually worth.
const SAMPLE: usize = 200;

/// What a record can bring at most: a record that can bring little will not be found by comparing.
#[derive(Debug, Clone, PartialEq)]
pub struct Information {
    /// The weight of every field against a record that says the very same, in order; `None` where the record says nothing.
    pub fields: Vec<(Field, Option<Millibans>)>,
    /// How strong a hypothesis with such a record would be, all fields together.
    pub band: Band,
}

impl Information {
    /// The weights of all fields together.
    #[must_use]
    pub fn total(&self) -> Millibans {
        self.fields.iter().filter_map(|f| f.1).sum()
    }
}

/// The information content of a record; `None` when the store does not hold it. About 3 us.
#[must_use]
pub fn information(store: &Store, side: Side, key: RecordKey) -> Option<Information> {
    store.features(side, key).map(|f| against_itself(store, f))
}

/// What a field usually brings at most: the mean over records of the side that have it; `None` where none has. Under a millisecond.
#[must_use]
pub fn usual_worth(store: &Store, side: Side) -> Vec<(Field, Option<Millibans>)> {
    let mut sums = vec![(0_i64, 0_i64); Field::ALL.len()];
    for f in store.all(side).take(SAMPLE) {
        for (sum, (_, worth)) in sums.iter_mut().zip(against_itself(store, f).fields) {
            if let Some(worth) = worth {
                *sum = (sum.0 + i64::from(worth.0), sum.1 + 1);
            }
        }
    }
    let mean = |(sum, n): (i64, i64)| (n > 0).then(|| i32::try_from(sum / n.max(1)).map(Millibans).unwrap_or_default());
    // What a number tells is no field that anybody could ask for.
    Field::ALL.iter().zip(sums).map(|(field, sum)| (field.0, mean(sum).filter(|_| field.0 != Field::Holder))).collect()
}

fn against_itself(store: &Store, f: &Features) -> Information {
    let mut twin = f.clone();
    twin.side = f.side.other();
    twin.kind = if twin.side == Side::Case { RecordKind::Case } else { RecordKind::LivingOther };
    let (case, record) = oriented(f, &twin);
    let assessment = weighed(store, case, record);
    let worth = assessment.evidence.iter().map(|e| (e.field, tells(f, e.field).then_some(e.log10_lr)));
    Information { fields: worth.collect(), band: assessment.band }
}

/// Where a pair stands among all that one of the two may be compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Place of the pair, from 1; ties go by key.
    pub place: usize,
    /// Records the place is among.
    pub of: usize,
}

/// The place of the second record among the eligible records of its side, every pair with the first weighed: nothing is left out by a search.
/// `None` when the store does not hold both. Cost: 2 us per record of the second's side.
#[must_use]
pub fn standing(store: &Store, one: (Side, RecordKey), two: (Side, RecordKey), eligible: &dyn Fn(&Features) -> bool) -> Option<Standing> {
    let query = store.features(one.0, one.1)?;
    let weigh = |f: &Features| {
        let (case, record) = oriented(query, f);
        total(store, case, record)
    };
    let mark = weigh(store.features(two.0, two.1)?);
    let mut standing = Standing { place: 1, of: 0 };
    for f in store.all(two.0).filter(|f| (f.side, f.key) != one && eligible(f)) {
        standing.of += 1;
        let odds = weigh(f);
        standing.place += usize::from(odds > mark || (odds == mark && f.key < two.1));
    }
    Some(standing)
}

/// Fills both values of every field from the records themselves, for readers who may see them. The store keeps no values.
pub fn fill_values(assessment: &mut Assessment, case: &PersonRecord, record: &PersonRecord) {
    for evidence in &mut assessment.evidence {
        evidence.left_value = field_text(case, evidence.field);
        evidence.right_value = field_text(record, evidence.field);
    }
}

/// A field of a record as text; `None` when it says nothing.
#[must_use]
pub fn field_text(record: &PersonRecord, field: Field) -> Option<String> {
    let list = |items: &[String]| (!items.is_empty()).then(|| items.join(" | "));
    match field {
        Field::Dependence | Field::Relative => None,
        Field::Name => {
            let names: Vec<String> = record
                .names
                .iter()
                .map(|n| {
                    let parts: Vec<&str> = [&n.given, &n.first_surname, &n.second_surname].into_iter().flatten().map(String::as_str).collect();
                    let text = if parts.is_empty() { n.full_text.clone().unwrap_or_default() } else { parts.join(" ") };
                    if n.role == NameRole::Alias { format!("«{text}»") } else { text }
                })
                .filter(|t| !t.is_empty())
                .collect();
            list(&names)
        }
        Field::Birth => {
            record.birth.map(|b| interval_text(&b)).or_else(|| record.age.map(|a| format!("{}–{} ({})", a.min_years, a.max_years, a.at)))
        }
        Field::Sex => record.sex.map(|s| if s == Sex::Female { "F" } else { "M" }.to_owned()),
        Field::Nationality => list(&record.nationalities),
        Field::Stature => record.stature_cm.map(|(a, b)| if a == b { format!("{a} cm") } else { format!("{a}–{b} cm") }),
        Field::Build => record.build.clone(),
        Field::Hair => record.hair.clone(),
        Field::Eyes => record.eyes.clone(),
        Field::Marks => list(&record.marks),
        Field::Dental => list(&record.dental),
        Field::Clothing => list(&record.clothing),
        Field::Belongings => list(&record.belongings),
        Field::Phone => list(&record.phones),
        Field::Document => list(&record.documents),
        Field::Holder => {
            let of_number = |number: &String| holder(&number_form(number), record.event.map(|e| e.to));
            let text = |holder: Holder| {
                let born = holder.birth.map(|(from, to)| interval_text(&DateInterval { from, to }));
                born.into_iter().chain(holder.nationality.map(str::to_owned)).collect::<Vec<_>>().join(" · ")
            };
            list(&record.documents.iter().filter_map(of_number).map(text).collect::<Vec<_>>())
        }
        Field::Companions => list(&record.companions),
        Field::Residence => list(&record.residence),
        Field::PlaceTime => {
            let place = [record.place_text.clone(), record.country.clone()].into_iter().flatten().collect::<Vec<_>>().join(", ");
            let day = record.event.map(|e| interval_text(&e)).unwrap_or_default();
            let pmi = record.pmi.map(|p| format!(" (−{}…−{} d)", p.max_days, p.min_days)).unwrap_or_default();
            let text = [place, format!("{day}{pmi}")].into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join(" · ");
            (!text.is_empty()).then_some(text)
        }
    }
}

fn interval_text(interval: &DateInterval) -> String {
    if interval.from == interval.to { interval.from.to_string() } else { format!("{} … {}", interval.from, interval.to) }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::geo::reach::Reach;
    use crate::linkage::corpus_csv::{self, ColumnMap};
    use crate::linkage::lexicon::Lexicon;
    use crate::linkage::model::Model;
    use crate::linkage::record::AgeRange;
    use crate::matching::link::load;
    use crate::matching::rank::{RankOptions, Sought, rank_exhaustive};
    use crate::matching::score::{Comparison, Lacking};

    fn store() -> (Store, Vec<RecordKey>, Vec<RecordKey>) {
        let file = |name: &str| std::fs::File::open(format!("{}/config/demo/corpus-1k/{name}.csv", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let cases = corpus_csv::read_cases(&mut file("cases"), &ColumnMap::default()).unwrap().records;
        let records = corpus_csv::read_records(&mut file("records"), &ColumnMap::default()).unwrap().records;
        let keys = |records: &[PersonRecord]| records.iter().map(|r| r.key).collect();
        (
            load(Model::standard().unwrap(), Lexicon::standard().unwrap(), Reach::standard().unwrap(), &cases, &records),
            keys(&cases),
            keys(&records),
        )
    }

    #[test]
    fn a_frequency_is_a_share_told_only_of_what_agrees_and_a_lack_only_of_what_was_not_compared() {
        let (store, cases, records) = store();
        let mut told = 0;
        for case in cases.iter().step_by(53) {
            for record in records.iter().step_by(7) {
                let a = store.assess(*case, *record).unwrap();
                for e in &a.evidence {
                    assert!(e.frequency.is_none_or(|f| f > 0.0 && f <= 1.0), "{e:?}");
                    assert!(e.frequency.is_none() || e.comparison != Comparison::NotComparable, "{e:?}");
                    assert!(e.lacking.is_none() || e.comparison == Comparison::NotComparable, "{e:?}");
                    told += usize::from(e.frequency.is_some());
                }
                assert_eq!(a.prior + a.evidence.iter().map(|e| e.log10_lr).sum(), a.log10_odds);
            }
        }
        assert!(told > 1000, "{told}");
    }

    #[test]
    fn what_agrees_and_is_rarer_weighs_more() {
        let (store, cases, records) = store();
        let mut names: Vec<(f64, i32)> = Vec::new();
        for case in cases.iter().step_by(3) {
            for record in &records {
                let a = store.assess(*case, *record).unwrap();
                let name = &a.evidence[0];
                names.extend(name.frequency.filter(|_| name.level == "name.equal").map(|f| (f, name.log10_lr.0)));
            }
        }
        let mean = |some: &[(f64, i32)]| some.iter().map(|n| n.1).sum::<i32>() / i32::try_from(some.len().max(1)).unwrap();
        names.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (rare, common) = names.split_at(names.len() / 2);
        assert!(names.len() > 50 && mean(rare) > mean(common), "{} {} {}", names.len(), mean(rare), mean(common));
    }

    #[test]
    fn a_pair_stands_where_weighing_every_pair_puts_it() {
        let (store, cases, records) = store();
        let all = RankOptions { top: usize::MAX, ..RankOptions::default() };
        for case in cases.iter().step_by(211) {
            let sought = Sought { side: Side::Case, key: *case, among: Side::Found };
            let ranking = rank_exhaustive(&store, sought, all, &|_, _| true).unwrap();
            for record in records.iter().step_by(97) {
                let stands = standing(&store, (Side::Case, *case), (Side::Found, *record), &|_| true).unwrap();
                let place = ranking.found.iter().position(|r| r.key == *record).unwrap() + 1;
                assert_eq!(stands, Standing { place, of: records.len() });
            }
        }
    }

    #[test]
    fn a_record_that_tells_nothing_brings_nothing_and_lacks_every_field() {
        let case = PersonRecord::new(RecordKey(1), Side::Case, RecordKind::Case);
        let record = PersonRecord::new(RecordKey(2), Side::Found, RecordKind::Shelter);
        let store = load(Model::standard().unwrap(), Lexicon::standard().unwrap(), Reach::standard().unwrap(), &[case], &[record]);
        let information = information(&store, Side::Case, RecordKey(1)).unwrap();
        assert!(information.total() == Millibans(0) && information.fields.iter().all(|f| f.1.is_none()));
        let a = store.assess(RecordKey(1), RecordKey(2)).unwrap();
        let fields = a.evidence.iter().filter(|e| !e.field.is_derived() && e.field != Field::Holder);
        assert!(fields.into_iter().all(|e| e.lacking == Some(Lacking::Both)));
    }

    #[test]
    fn a_document_that_does_not_fit_never_speaks_for_a_pair_and_one_that_is_another_s_does_not_undo_an_age() {
        let day = |y, m, d| chrono::NaiveDate::from_ymd_opt(y, m, d).unwrap();
        let case = |key: u128, born| PersonRecord {
            birth: Some(DateInterval::day(born)),
            ..PersonRecord::new(RecordKey(key), Side::Case, RecordKind::Case)
        };
        let body = |key: u128, ages: (u16, u16), documents: &[&str]| PersonRecord {
            age: Some(AgeRange { min_years: ages.0, max_years: ages.1, at: day(2024, 5, 1) }),
            event: Some(DateInterval::day(day(2024, 5, 1))),
            documents: documents.iter().map(|d| (*d).to_owned()).collect(),
            ..PersonRecord::new(RecordKey(key), Side::Found, RecordKind::RemainsUnnamed)
        };
        let cases = [case(1, day(1950, 3, 1)), case(2, day(1960, 3, 1))];
        // Invented CURPs: born on 14 June 1985, and on 1 March 1960.
        let records = [body(11, (30, 45), &["LOPJ850614HCSPRN02"]), body(12, (20, 25), &["LOPJ600301HCSPRN05"]), body(13, (20, 25), &[])];
        let store = load(Model::standard().unwrap(), Lexicon::standard().unwrap(), Reach::standard().unwrap(), &cases, &records);
        let of = |case: u128, record: u128, field| {
            let a = store.assess(RecordKey(case), RecordKey(record)).unwrap();
            a.evidence.iter().find(|e| e.field == field).unwrap().clone()
        };
        let differs = of(1, 11, Field::Holder);
        assert!(differs.level == "holder.differs" && differs.log10_lr <= Millibans(0), "{differs:?}");
        // Somebody of 20 to 25 who carries the document of somebody of 64: the age goes on speaking against whoever the document is of.
        assert_eq!(of(2, 12, Field::Birth), of(2, 13, Field::Birth));
        assert!(of(2, 12, Field::Birth).log10_lr < Millibans(-1000) && of(2, 12, Field::Holder).level.is_empty());
    }

    #[test]
    fn what_a_document_s_number_tells_of_its_holder_is_told_apart_from_what_the_record_tells() {
        let case = |key: u128, (year, month, day): (i32, u32, u32)| PersonRecord {
            birth: chrono::NaiveDate::from_ymd_opt(year, month, day).map(DateInterval::day),
            nationalities: vec!["HND".to_owned()],
            ..PersonRecord::new(RecordKey(key), Side::Case, RecordKind::Case)
        };
        // A Mexican CURP and a Honduran DNI, both invented: born on 14 June 1985, and registered in 1985.
        let body = |key: u128, documents: &[&str]| PersonRecord {
            documents: documents.iter().map(|d| (*d).to_owned()).collect(),
            ..PersonRecord::new(RecordKey(key), Side::Found, RecordKind::RemainsUnnamed)
        };
        let cases = [case(1, (1985, 6, 14)), case(2, (1960, 3, 1))];
        let records = [body(11, &["LOPJ850614HCSPRN02"]), body(12, &["0801-1985-12345"]), body(13, &[])];
        let store = load(Model::standard().unwrap(), Lexicon::standard().unwrap(), Reach::standard().unwrap(), &cases, &records);
        let told = |case: u128, record: u128| {
            let mut a = store.assess(RecordKey(case), RecordKey(record)).unwrap();
            fill_values(&mut a, &cases[case as usize - 1], &records[record as usize - 11]);
            let of = |field| a.evidence.iter().find(|e| e.field == field).unwrap().clone();
            assert!([Field::Birth, Field::Nationality].into_iter().all(|field| of(field).level.is_empty()));
            of(Field::Holder)
        };
        let same_day = told(1, 11);
        assert_eq!((same_day.level, same_day.right_value.as_deref()), ("holder.fits", Some("1985-06-14")));
        assert!(same_day.log10_lr > Millibans(2000));
        let same_year = told(1, 12);
        assert_eq!((same_year.level, same_year.right_value.as_deref()), ("holder.fits", Some("1984-01-01 … 1985-12-31 · HND")));
        assert!(same_year.log10_lr < same_day.log10_lr && same_year.log10_lr > Millibans(500));
        // It may be another's: what does not fit weighs less than an own birth that does not fit.
        let other = told(2, 11);
        assert_eq!(other.level, "holder.differs");
        assert!(other.log10_lr >= Millibans(-1000) && other.log10_lr < Millibans(-500), "{:?}", other.log10_lr);
        assert_eq!((told(1, 13).level, told(1, 13).lacking), ("", None));
        assert!(usual_worth(&store, Side::Found).iter().all(|(field, worth)| *field != Field::Holder || worth.is_none()));
    }
}

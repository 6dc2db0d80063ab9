//! One pair: every field's evidence, the exact sum, probability, coverage and band.

use crate::linkage::birth;
use crate::linkage::chance;
use crate::linkage::compare::{self, Context, Outcome};
use crate::linkage::features::{Features, ItemField};
use crate::linkage::model::Millibans;
use crate::linkage::record::Side;
use crate::linkage::spacetime;

use super::relative::{self, Relative};
use super::store::Store;

/// The fields evidence comes from, in the order they are shown and summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the variants say it")]
pub enum Field {
    Name,
    Birth,
    Sex,
    Nationality,
    Stature,
    Build,
    Hair,
    Eyes,
    Marks,
    Dental,
    Clothing,
    Belongings,
    Phone,
    Document,
    /// What a document's number tells of its holder, where the record tells less: birth and nationality.
    Holder,
    Companions,
    Residence,
    PlaceTime,
    /// What is taken off (or added) because the fields err together; no value of its own.
    Dependence,
    /// What is taken off because a relative of the person sought would agree as well ([`super::relative`]); no value of its own.
    Relative,
}

impl Field {
    /// All fields with their code and their share of a fully described person, percent (for coverage).
    pub const ALL: [(Self, &'static str, u16); 20] = [
        (Self::Name, "name", 26),
        (Self::Birth, "birth", 13),
        (Self::Sex, "sex", 3),
        (Self::Nationality, "nationality", 5),
        (Self::Stature, "stature", 5),
        (Self::Build, "build", 1),
        (Self::Hair, "hair", 2),
        (Self::Eyes, "eyes", 2),
        (Self::Marks, "marks", 11),
        (Self::Dental, "dental", 5),
        (Self::Clothing, "clothing", 3),
        (Self::Belongings, "belongings", 3),
        (Self::Phone, "phone", 4),
        (Self::Document, "document", 4),
        (Self::Holder, "holder", 0),
        (Self::Companions, "companions", 3),
        (Self::Residence, "residence", 0),
        (Self::PlaceTime, "place_time", 10),
        (Self::Dependence, "dependence", 0),
        (Self::Relative, "relative", 0),
    ];

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// True for what follows from the other fields and has no values.
    #[must_use]
    pub const fn is_derived(self) -> bool {
        matches!(self, Self::Dependence | Self::Relative)
    }

    /// [`Self::is_derived`] by the stable code.
    #[must_use]
    pub fn is_derived_code(code: &str) -> bool {
        Self::ALL.iter().any(|(field, of_field, _)| *of_field == code && field.is_derived())
    }

    /// True for what tells one person from others of the same sex, age, origin and route. Without it no band above moderate is given.
    #[must_use]
    pub const fn is_distinctive(self) -> bool {
        matches!(
            self,
            Self::Name | Self::Marks | Self::Dental | Self::Clothing | Self::Belongings | Self::Phone | Self::Document | Self::Companions
        )
    }
}

/// How two values stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the variants say it")]
pub enum Comparison {
    Agree,
    Partial,
    Disagree,
    /// Different, in a way that is known to happen to one person.
    Explainable,
    /// Nothing to compare; without a weight, except for what has no values.
    NotComparable,
}

impl Comparison {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Agree => "agree",
            Self::Partial => "partial",
            Self::Disagree => "disagree",
            Self::Explainable => "explainable",
            Self::NotComparable => "not_comparable",
        }
    }

    /// The comparison a level stands for.
    #[must_use]
    pub fn of_level(level: &str) -> Self {
        match level.split_once('.').map_or("", |l| l.1) {
            "equal" | "fits_well" | "distinctive" | "close" => Self::Agree,
            "sound" | "variant" | "swapped" | "known_confusion" | "common" | "downstream" | "returned" => Self::Explainable,
            "partial" | "near" | "same_year" | "inside" | "edge" | "similar" | "shared" | "fits" | "neutral" | "weak" => Self::Partial,
            _ => Self::Disagree,
        }
    }
}

/// Who does not tell a field, or not in words the engine understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the variants say it")]
pub enum Lacking {
    Case,
    Record,
    Both,
}

impl Lacking {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Case => "case",
            Self::Record => "found_record",
            Self::Both => "both",
        }
    }

    /// `None` when both tell it.
    const fn of(case_tells: bool, record_tells: bool) -> Option<Self> {
        match (case_tells, record_tells) {
            (true, true) => None,
            (false, true) => Some(Self::Case),
            (true, false) => Some(Self::Record),
            (false, false) => Some(Self::Both),
        }
    }
}

/// One field's part of an assessment.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldEvidence {
    /// The field.
    pub field: Field,
    /// How the values stand to each other.
    pub comparison: Comparison,
    /// Stable level code (`name.sound`); empty when not comparable.
    pub level: &'static str,
    /// The case's value, filled by [`super::explain::fill_values`].
    pub left_value: Option<String>,
    /// The record's value, likewise.
    pub right_value: Option<String>,
    /// Weight; exactly 0 when there is nothing to compare.
    pub log10_lr: Millibans,
    /// The frequency the weight rests on: share (above 0, at most 1) of comparable records that agree as well by chance; `None` when they do not agree.
    pub frequency: Option<f64>,
    /// Who lacks it, when it could not be compared.
    pub lacking: Option<Lacking>,
}

/// Strength in words; never a percentage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the variants say it")]
pub enum Band {
    VeryWeak,
    Weak,
    Moderate,
    Strong,
    VeryStrong,
}

impl Band {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::VeryWeak => "very_weak",
            Self::Weak => "weak",
            Self::Moderate => "moderate",
            Self::Strong => "strong",
            Self::VeryStrong => "very_strong",
        }
    }
}

/// What the engine says of one pair. `prior + sum of evidence == log10_odds`, to the last digit.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    /// log10 odds that the two are one person.
    pub log10_odds: Millibans,
    /// The same as a probability.
    pub probability: f64,
    /// log10 prior odds.
    pub prior: Millibans,
    /// Share of a fully described person that could be compared, 0 to 1.
    pub coverage: f64,
    /// Strength in words.
    pub band: Band,
    /// True when the record precedes the last proof of life.
    pub contradiction: bool,
    /// Every field in order, comparable or not.
    pub evidence: Vec<FieldEvidence>,
    /// Version of the model.
    pub model: String,
}

impl Assessment {
    /// Odds, probability and band together with independent evidence of what tells one person from others, such as DNA.
    #[must_use]
    pub fn with(&self, weight: Millibans) -> (Millibans, f64, Band) {
        let odds = self.log10_odds + weight;
        let distinctive: i32 = self.evidence.iter().filter(|e| e.field.is_distinctive()).map(|e| e.log10_lr.0).sum();
        (odds, probability(odds), band(odds, distinctive + weight.0, self.contradiction))
    }
}

/// Probability of log10 odds, kept off 0 and 1.
#[must_use]
pub fn probability(odds: Millibans) -> f64 {
    let ratio = 10f64.powf(odds.log10());
    (ratio / (1.0 + ratio)).clamp(1e-9, 1.0 - 1e-6)
}

/// Name and birth: what most pairs differ in, and what bounds know least of.
#[derive(Debug, Clone, Copy)]
pub(super) struct FirstLook {
    pub name: Option<Outcome>,
    pub birth: Option<Outcome>,
}

impl FirstLook {
    /// Of a pair, with what the levels add.
    pub fn of(store: &Store, case: &Features, record: &Features) -> Self {
        Self { name: name(store, case, record), birth: birth(store, case, record) }
    }
}

/// The name's part of a [`FirstLook`]. About 1 us.
pub(super) fn name(store: &Store, case: &Features, record: &Features) -> Option<Outcome> {
    let c = store.context();
    c.model.levels.corrected(compare::names(c, case, record))
}

/// The birth's part of a [`FirstLook`], with what documents' numbers tell of it. About 80 ns.
pub(super) fn birth(store: &Store, case: &Features, record: &Features) -> Option<Outcome> {
    let c = store.context();
    c.model.levels.corrected(birth::compare_known(c, case, record))
}

/// Weighs every field in order and hands each outcome, with what its level adds, to `take`.
fn each_field(store: &Store, case: &Features, record: &Features, first: FirstLook, mut take: impl FnMut(Field, Option<Outcome>)) {
    let c: Context<'_> = store.context();
    let of_document = case.holder_birth.is_some() || record.holder_birth.is_some();
    let own_birth = if of_document { c.model.levels.corrected(birth::compare(c, case, record)) } else { first.birth };
    let told = !case.nations.is_empty() && !record.nations.is_empty();
    let nationality = compare::nationality(c, &|n| store.confusions(n), case, record);
    // What documents' numbers tell, over and above what the records tell themselves.
    let of_birth = first.birth.filter(|_| of_document);
    let of_nation = c.model.levels.corrected(nationality.filter(|_| !told));
    let differs = of_birth.into_iter().chain(of_nation).any(|o| o.log10 < 0.0);
    let beyond_own = of_birth.map(|o| o.log10 - own_birth.map_or(0.0, |own| own.log10));
    let documents = compare::documents(c, case, record);
    let same_number = documents.is_some_and(|o| o.level != "document.disagree");
    let holder = beyond_own.into_iter().chain(of_nation.map(|o| o.log10)).reduce(|a, b| a + b);
    // A number that both have says all of it already.
    let holder = holder.map(|log10| if same_number { log10.min(0.0) } else { log10 });
    take(Field::Name, first.name);
    take(Field::Birth, own_birth);
    let mut weigh = |field: Field, outcome: Option<Outcome>| take(field, c.model.levels.corrected(outcome));
    weigh(Field::Sex, compare::sex(c, case, record));
    weigh(Field::Nationality, nationality.filter(|_| told));
    weigh(Field::Stature, compare::stature(c, case, record));
    weigh(Field::Build, compare::look(c, 0, case, record));
    weigh(Field::Hair, compare::look(c, 1, case, record));
    weigh(Field::Eyes, compare::look(c, 2, case, record));
    weigh(Field::Marks, compare::items(c, ItemField::Marks, case, record));
    weigh(Field::Dental, compare::items(c, ItemField::Dental, case, record));
    weigh(Field::Clothing, compare::items(c, ItemField::Clothing, case, record));
    weigh(Field::Belongings, compare::items(c, ItemField::Belongings, case, record));
    weigh(Field::Phone, compare::phones(c, case, record));
    weigh(Field::Document, documents);
    weigh(Field::Holder, holder.map(|log10| Outcome { level: if differs { "holder.differs" } else { "holder.fits" }, log10 }));
    weigh(Field::Companions, compare::companions(c, case, record));
    weigh(Field::Residence, compare::residence(c, case, record));
    weigh(Field::PlaceTime, spacetime::place_time(c, store.atlas(), store.time_table(), case, record));
}

/// Who stands as the case in a pair: a case against a found record; of two records of one side the one that tells of the earlier moment, so that
/// a pair weighs the same whichever asks.
#[must_use]
pub fn oriented<'a>(a: &'a Features, b: &'a Features) -> (&'a Features, &'a Features) {
    let order = |f: &Features| (f.kind.stage(), f.event_day(), f.key);
    let forward = if a.side == b.side { order(a) <= order(b) } else { a.side == Side::Case };
    if forward { (a, b) } else { (b, a) }
}

/// The total alone: the number [`assess`] would give, without its explanation. About 2 us.
#[must_use]
pub fn total(store: &Store, case: &Features, record: &Features) -> Millibans {
    total_after(store, case, record, FirstLook::of(store, case, record))
}

/// As [`total`], after a first look.
pub(super) fn total_after(store: &Store, case: &Features, record: &Features, first: FirstLook) -> Millibans {
    let (mut sum, mut name, mut common) = (Millibans(0), Millibans(0), Millibans(0));
    each_field(store, case, record, first, |field, outcome| {
        if let Some(o) = outcome {
            let weight = Millibans::from_log10(o.log10);
            sum += weight;
            match field {
                Field::Name => name = weight,
                field if relative::has(field) => common += weight,
                _ => {}
            }
        }
    });
    let (prior, kept) = store.parameters(case, record);
    prior + sum + dependence(kept, sum) + Millibans::from_log10(Relative::of(store, (case, record), prior, (name, common)).taken(kept))
}

/// What tells one person from another, as far as it is kept: all fields without place and time, without prior and without a relative. About 2 us.
pub(super) fn identity(store: &Store, case: &Features, record: &Features) -> Millibans {
    let mut sum = Millibans(0);
    each_field(store, case, record, FirstLook::of(store, case, record), |field, outcome| {
        if field != Field::PlaceTime {
            sum += outcome.map_or(Millibans(0), |o| Millibans::from_log10(o.log10));
        }
    });
    sum + dependence(store.parameters(case, record).1, sum)
}

/// What [`Relative::of`] asks: the weight of the name, and of the fields in which a relative agrees as the person would.
pub(super) fn of_relatives(evidence: &[FieldEvidence]) -> (Millibans, Millibans) {
    let sum = |of: fn(Field) -> bool| evidence.iter().filter(|e| of(e.field)).map(|e| e.log10_lr).sum();
    (sum(|field| field == Field::Name), sum(relative::has))
}

/// The correction of a sum of field weights: fields of one pair err together, so their sum says too much (or, where each says little, too
/// little). One slope per kind of record, as in Platt's scaling of a classifier's score; the intercept stands in the prior.
fn dependence(kept: f64, sum: Millibans) -> Millibans {
    Millibans::from_log10((kept - 1.0) * sum.log10())
}

/// Whether a record tells a field in a way the engine understands.
#[must_use]
pub fn tells(f: &Features, field: Field) -> bool {
    match field {
        Field::Name => !f.forms.is_empty() || !f.aliases.is_empty(),
        Field::Birth => f.birth.is_some(),
        Field::Sex => f.sex.is_some(),
        Field::Nationality => !f.nations.is_empty(),
        Field::Stature => f.stature.is_some(),
        Field::Build => f.looks[0] != 0,
        Field::Hair => f.looks[1] != 0,
        Field::Eyes => f.looks[2] != 0,
        Field::Marks => !f.items[ItemField::Marks as usize].is_empty(),
        Field::Dental => !f.items[ItemField::Dental as usize].is_empty(),
        Field::Clothing => !f.items[ItemField::Clothing as usize].is_empty(),
        Field::Belongings => !f.items[ItemField::Belongings as usize].is_empty(),
        Field::Phone => !f.phones.is_empty(),
        Field::Document => !f.documents.is_empty(),
        Field::Holder => f.holder_birth.is_some() || !f.holder_nations.is_empty(),
        Field::Companions => !f.companions.is_empty(),
        Field::Residence => !f.residence.is_empty(),
        Field::PlaceTime => f.event.is_some() || f.place.is_some() || f.place_name != 0 || f.country != 0,
        Field::Dependence | Field::Relative => false,
    }
}

/// The frequency the weight of a field at a level rests on; see [`chance`].
fn frequency(store: &Store, field: Field, level: &str, case: &Features, record: &Features) -> Option<f64> {
    let c = store.context();
    match field {
        Field::Name => chance::names(c, case, record),
        Field::Birth => chance::birth(c, level, case, record),
        Field::Sex => chance::sex(c, case, record),
        Field::Nationality => chance::nationality(c, level, case, record),
        Field::Stature => chance::stature(c, level, case, record),
        Field::Build => chance::look(c, 0, case, record),
        Field::Hair => chance::look(c, 1, case, record),
        Field::Eyes => chance::look(c, 2, case, record),
        Field::Marks => chance::items(c, ItemField::Marks, case, record),
        Field::Dental => chance::items(c, ItemField::Dental, case, record),
        Field::Clothing => chance::items(c, ItemField::Clothing, case, record),
        Field::Belongings => chance::items(c, ItemField::Belongings, case, record),
        Field::Phone => chance::phone(c, case, record),
        Field::Document => chance::document(c, case, record),
        Field::Companions => chance::companions(c, case, record),
        Field::Residence => chance::residence(c, case, record),
        Field::PlaceTime => chance::place(c, store.atlas(), level, case, record),
        Field::Holder | Field::Dependence | Field::Relative => None,
    }
}

/// Everything the engine can say of a case and a record.
#[must_use]
pub fn assess(store: &Store, case: &Features, record: &Features) -> Assessment {
    let mut whole = weighed(store, case, record);
    for e in whole.evidence.iter_mut().filter(|e| !e.level.is_empty()) {
        e.frequency = frequency(store, e.field, e.level, case, record);
    }
    whole
}

/// As [`assess`], without the frequencies.
pub(super) fn weighed(store: &Store, case: &Features, record: &Features) -> Assessment {
    let (prior, kept) = store.parameters(case, record);
    let mut evidence = Vec::with_capacity(Field::ALL.len());
    each_field(store, case, record, FirstLook::of(store, case, record), |field, outcome| {
        evidence.push(FieldEvidence {
            field,
            comparison: outcome.map_or(Comparison::NotComparable, |o| Comparison::of_level(o.level)),
            level: outcome.map_or("", |o| o.level),
            left_value: None,
            right_value: None,
            log10_lr: outcome.map_or(Millibans(0), |o| Millibans::from_log10(o.log10)),
            frequency: None,
            // What a number tells is no field that anybody could fill in.
            lacking: match outcome {
                None if field != Field::Holder => Lacking::of(tells(case, field), tells(record, field)),
                _ => None,
            },
        });
    });
    let correction = dependence(kept, evidence.iter().map(|e| e.log10_lr).sum());
    let taken = Millibans::from_log10(Relative::of(store, (case, record), prior, of_relatives(&evidence)).taken(kept));
    for (field, level, log10_lr) in [(Field::Dependence, "dependence.err_together", correction), (Field::Relative, "relative.as_likely", taken)]
    {
        evidence.push(FieldEvidence {
            field,
            comparison: Comparison::NotComparable,
            level,
            left_value: None,
            right_value: None,
            log10_lr,
            frequency: None,
            lacking: None,
        });
    }
    let log10_odds = prior + evidence.iter().map(|e| e.log10_lr).sum();
    let compared: u16 = evidence.iter().zip(Field::ALL).filter(|(e, _)| e.comparison != Comparison::NotComparable).map(|(_, f)| f.2).sum();
    let contradiction = evidence.iter().any(|e| e.level == "place_time.before_last_contact");
    let distinctive: i32 = evidence.iter().filter(|e| e.field.is_distinctive()).map(|e| e.log10_lr.0).sum();
    Assessment {
        log10_odds,
        probability: probability(log10_odds),
        prior,
        coverage: f64::from(compared) / 100.0,
        band: band(log10_odds, distinctive, contradiction),
        contradiction,
        evidence,
        model: store.model().id.clone(),
    }
}

/// Bands by odds; at most moderate without a tenfold weight of something distinctive, and with a contradiction in time.
fn band(odds: Millibans, distinctive: i32, contradiction: bool) -> Band {
    let by_odds = match odds.0 {
        ..-3000 => Band::VeryWeak,
        -3000..-1300 => Band::Weak,
        -1300..0 => Band::Moderate,
        0..1300 => Band::Strong,
        _ => Band::VeryStrong,
    };
    if distinctive < 1000 || contradiction { by_odds.min(Band::Moderate) } else { by_odds }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::collections::{HashMap, HashSet};
    use std::fs::File;

    use super::*;
    use crate::geo::reach::Reach;
    use crate::linkage::corpus_csv::{self, ColumnMap};
    use crate::linkage::lexicon::Lexicon;
    use crate::linkage::model::Model;
    use crate::linkage::record::RecordKey;
    use crate::matching::link::load;

    #[test]
    fn what_place_and_time_call_a_hundredfold_is_a_hundred_times_as_frequent_among_true_pairs() {
        let folder = format!("{}/config/demo/corpus-1k", env!("CARGO_MANIFEST_DIR"));
        let file = |name: &str| File::open(format!("{folder}/{name}.csv")).unwrap();
        let cases = corpus_csv::read_cases(&mut file("cases"), &ColumnMap::default()).unwrap();
        let records = corpus_csv::read_records(&mut file("records"), &ColumnMap::default()).unwrap();
        let (model, lexicon, reach) = (Model::standard().unwrap(), Lexicon::standard().unwrap(), Reach::standard().unwrap());
        let store = load(model, lexicon, reach, &cases.records, &records.records);
        let weigh = |case: RecordKey, record: RecordKey| {
            let (case, record) = (store.features(Side::Case, case).unwrap(), store.features(Side::Found, record).unwrap());
            spacetime::place_time(store.context(), store.atlas(), store.time_table(), case, record).map_or(0.0, |o| o.log10)
        };
        let keys = |file: &corpus_csv::CorpusFile| -> HashMap<String, RecordKey> {
            file.records.iter().map(|r| (file.id(r.key).unwrap().to_string(), r.key)).collect()
        };
        let (case_of, record_of) = (keys(&cases), keys(&records));
        let mut lines = csv::Reader::from_reader(file("truth"));
        let truth: HashSet<(RecordKey, RecordKey)> =
            lines.records().map(|line| line.unwrap()).map(|line| (case_of[&line[0]], record_of[&line[1]])).collect();
        let strong = truth.iter().filter(|pair| weigh(pair.0, pair.1) > 2.0).count();
        let (mut false_pairs, mut called_strong, mut sum) = (0_usize, 0_usize, 0.0);
        for (i, case) in cases.records.iter().enumerate() {
            for record in records.records.iter().skip(i % 5).step_by(5).filter(|record| !truth.contains(&(case.key, record.key))) {
                let log10 = weigh(case.key, record.key);
                false_pairs += 1;
                called_strong += usize::from(log10 > 2.0);
                sum += 10f64.powf(log10);
            }
        }
        let share = |n: usize, of: usize| n as f64 / of as f64;
        let ratio = share(strong, truth.len()) / share(called_strong, false_pairs);
        assert!(ratio >= 100.0, "{ratio}");
        // The mean likelihood ratio of false pairs is 1 when it is one.
        let mean = sum / share(false_pairs, 1);
        assert!((0.5..2.0).contains(&mean), "{mean}");
    }
}

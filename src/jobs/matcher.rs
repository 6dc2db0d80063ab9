//! The matcher of a process: the in-memory store of every record the node may compare, and the comparison of subjects with it. It works under
//! the matcher's role and sees features, never pages; what it finds goes through the database's narrow function.

use super::kinds::reweigh::grew;
use crate::app::App;
use crate::config::Link as LinkSettings;
use crate::db::feed::Cursor;
use crate::db::hypotheses::{self, OpenPair, ProposedPair, StoredEvidence};
use crate::db::reweighing;
use crate::db::subjects::{self, SubjectRow};
use crate::db::{DbError, Pool, Role, Scope};
use crate::domain::ids::{CaseId, FoundId};
use crate::linkage::record::{
    AgeRange, DateInterval, NameRole, PersonRecord, Position, PostMortemInterval, RecordKey, RecordKind, Scope as RecordScope, Sex, Side,
    WrittenName,
};
use crate::matching::rank::{RankOptions, rank};
use crate::matching::store::Store;
use crate::matching::train::{Known, Trained, Watch, train};
use crate::services::engine::{self, EngineFileError};
use crate::services::reach::reach;
use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError, RwLock};
use uuid::Uuid;

/// Subjects weighed at once.
const CHUNK: usize = 500;
/// Pairs written in one transaction.
const PAIRS: usize = 2_000;

/// Why the matcher cannot start.
#[derive(Debug, thiserror::Error)]
pub enum MatcherError {
    /// The model or the words cannot be used.
    #[error(transparent)]
    Engine(#[from] EngineFileError),
    /// The routes cannot be used.
    #[error("the matcher's routes cannot be read: {0}")]
    Files(String),
    /// The records cannot be loaded.
    #[error(transparent)]
    Database(#[from] DbError),
}

/// Who may see a record for search: its owner and the recipients that agreement and consent leave, by slot.
#[derive(Debug, Default)]
struct Sights {
    /// Slot of an authority.
    slots: HashMap<Uuid, u32>,
    /// Per record: the slots of the other authorities that may see it.
    recipients: Vec<HashSet<u32>>,
}

impl Sights {
    fn slot(&mut self, authority: Uuid) -> u32 {
        let next = u32::try_from(self.slots.len()).unwrap_or(u32::MAX);
        *self.slots.entry(authority).or_insert(next)
    }

    /// The scope of a record: its owner, and where its recipients stand. Equal sets of recipients share an entry.
    fn scope(&mut self, row: &SubjectRow) -> RecordScope {
        let owner = self.slot(row.authority_id);
        let set: HashSet<u32> = row.recipients.iter().map(|r| self.slot(*r)).collect();
        let at = match self.recipients.iter().position(|s| *s == set) {
            Some(at) => at,
            None => {
                self.recipients.push(set);
                self.recipients.len() - 1
            }
        };
        RecordScope { owner, flags: u32::try_from(at).unwrap_or(u32::MAX) }
    }

    fn sees(&self, authority: u32, record: RecordScope) -> bool {
        authority == record.owner || self.recipients.get(record.flags as usize).is_some_and(|r| r.contains(&authority))
    }

    /// A pair may be proposed when at least one side may see the other's record.
    fn eligible(&self, case: RecordScope, found: RecordScope) -> bool {
        self.sees(case.owner, found) || self.sees(found.owner, case)
    }
}

struct Inner {
    store: Store,
    sights: Sights,
}

/// The matcher.
pub struct Matcher {
    inner: RwLock<Inner>,
    cursor: Mutex<Cursor>,
    following: tokio::sync::Mutex<()>,
    top: usize,
    floor: f64,
    totals: Mutex<Matched>,
    /// Cases and found records held when it was last asked whether their frequencies are others.
    measured: Mutex<(usize, usize)>,
}

/// What a comparison did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Matched {
    /// Subjects compared.
    pub subjects: usize,
    /// Pairs the engine looked at.
    pub considered: usize,
    /// Hypotheses that are new.
    pub proposed: usize,
}

impl Matcher {
    /// Loads every record that may be compared.
    ///
    /// # Errors
    /// [`MatcherError`].
    pub async fn load(settings: &LinkSettings, pool: &Pool) -> Result<Self, MatcherError> {
        let mut model = engine::model(settings.model.as_deref())?;
        model.expected_partners = settings.expected_tenths / 10.0;
        let lexicon = engine::lexicon(settings.names.as_deref())?;
        let reach = reach(settings.routes.as_deref()).map_err(|e| MatcherError::Files(e.to_string()))?;
        let matcher = Self {
            inner: RwLock::new(Inner { store: Store::new(model, lexicon, reach), sights: Sights::default() }),
            cursor: Mutex::default(),
            following: tokio::sync::Mutex::default(),
            top: settings.top,
            floor: settings.floor,
            totals: Mutex::default(),
            measured: Mutex::default(),
        };
        matcher.reload(pool).await?;
        Ok(matcher)
    }

    async fn reload(&self, pool: &Pool) -> Result<(), DbError> {
        let mut tx = pool.begin(Role::Matcher, &Scope::default()).await?;
        let cursor = Cursor::now(&mut tx).await?;
        let mut rows = subjects::load(&mut tx, "case", None).await?;
        rows.extend(subjects::load(&mut tx, "found_record", None).await?);
        tx.commit().await?;
        {
            let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
            let Inner { store, sights } = &mut *inner;
            let records: Vec<PersonRecord> = rows.iter().map(|r| record(r, sights.scope(r))).collect();
            store.load(&records);
        }
        *self.cursor.lock().unwrap_or_else(PoisonError::into_inner) = cursor;
        Ok(())
    }

    /// Takes over what the change feed holds since the last call. A changed agreement reloads everything, as it can change every record's sight.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn catch_up(&self, pool: &Pool) -> Result<(), DbError> {
        let _one_at_a_time = self.following.lock().await;
        let mut cursor = self.cursor.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut tx = pool.begin(Role::Matcher, &Scope::default()).await?;
        let changes = cursor.next(&mut tx).await?;
        if changes.iter().any(|c| c.kind == "policy") {
            tx.commit().await?;
            return self.reload(pool).await;
        }
        for (kind, side) in [("case", Side::Case), ("found_record", Side::Found)] {
            let mut ids: Vec<Uuid> = changes.iter().filter(|c| c.kind == kind).flat_map(|c| c.ids.iter().copied()).collect();
            ids.sort_unstable();
            ids.dedup();
            if ids.is_empty() {
                continue;
            }
            let rows = subjects::load(&mut tx, kind, Some(&ids)).await?;
            let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
            let Inner { store, sights } = &mut *inner;
            let there: HashSet<Uuid> = rows.iter().map(|r| r.id).collect();
            for id in ids.iter().filter(|id| !there.contains(id)) {
                store.remove(side, key(*id));
            }
            let records: Vec<PersonRecord> = rows.iter().map(|r| record(r, sights.scope(r))).collect();
            if let [one] = records.as_slice() {
                store.insert(one);
            } else {
                store.load(&records);
            }
        }
        tx.commit().await?;
        *self.cursor.lock().unwrap_or_else(PoisonError::into_inner) = cursor;
        Ok(())
    }

    /// What this matcher has done since it was loaded.
    #[must_use]
    pub fn totals(&self) -> Matched {
        *self.totals.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many cases and found records the store holds.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        (inner.store.len(Side::Case), inner.store.len(Side::Found))
    }

    /// The id of the model in use, and the partners expected per case.
    #[must_use]
    pub fn model(&self) -> (String, f64) {
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        (inner.store.model().id.clone(), inner.store.model().expected_partners)
    }

    /// How many cases and found records the store holds, remembered for [`Matcher::grew`].
    pub(super) fn measure(&self) -> (usize, usize) {
        let size = self.size();
        *self.measured.lock().unwrap_or_else(PoisonError::into_inner) = size;
        size
    }

    /// True when a side has grown since so much that its frequencies are others.
    pub(super) fn grew(&self) -> bool {
        let (before, now) = (*self.measured.lock().unwrap_or_else(PoisonError::into_inner), self.size());
        grew(before.0, now.0) || grew(before.1, now.1)
    }

    /// Trains the model in use on the records held and on what people have decided of their pairs; `None` when it was cancelled.
    ///
    /// # Errors
    /// [`DbError`] when the decisions cannot be read.
    pub async fn train(&self, pool: &Pool, watch: Watch<'_>) -> Result<Option<Trained>, DbError> {
        let mut tx = pool.begin(Role::Matcher, &Scope::default()).await?;
        let decided = reweighing::decided(&mut tx).await?;
        tx.commit().await?;
        let pairs = decided.into_iter().map(|d| ((key(d.case_id), key(d.found_id)), d.same)).collect();
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        Ok(train(&inner.store, &inner.store.keys(Side::Case), &Known { pairs, complete: false }, watch))
    }

    /// Compares subjects with the other side and hands the strongest pairs over. Their hypotheses that are open already are weighed anew,
    /// whether or not they are still among the strongest; one that falls below the floor, or may not be compared any more, ends.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn match_subjects(&self, app: &App, pool: &Pool, kind: &str, ids: &[Uuid]) -> Result<Matched, DbError> {
        let side = if kind == "case" { Side::Case } else { Side::Found };
        let mut matched = Matched::default();
        for chunk in ids.chunks(CHUNK) {
            let mut tx = pool.begin(Role::Matcher, &Scope::default()).await?;
            let open = hypotheses::open_pairs(&mut tx, kind, chunk).await?;
            tx.commit().await?;
            let (pairs, considered, model) = self.weigh_chunk(app, side, chunk, &open);
            matched.considered += considered;
            matched.subjects += chunk.len();
            for part in pairs.chunks(PAIRS) {
                let mut tx = pool.begin(Role::Matcher, &Scope::default()).await?;
                let outcome = hypotheses::propose(&mut tx, &model, part, app.now()).await?;
                tx.commit().await?;
                matched.proposed += outcome.iter().filter(|p| matches!(p.outcome.as_str(), "proposed" | "reopened")).count();
            }
        }
        let mut totals = self.totals.lock().unwrap_or_else(PoisonError::into_inner);
        totals.subjects += matched.subjects;
        totals.considered += matched.considered;
        totals.proposed += matched.proposed;
        Ok(matched)
    }

    /// The pairs of a chunk of subjects that are to be written: the strongest of each, and those that are open already. In parallel, with no
    /// connection held.
    fn weigh_chunk(&self, app: &App, side: Side, ids: &[Uuid], open: &[OpenPair]) -> (Vec<ProposedPair>, usize, String) {
        use rayon::prelude::*;
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        let Inner { store, sights } = &*inner;
        let options = RankOptions { top: self.top, floor: self.floor, ..RankOptions::default() };
        let eligible = |case: RecordScope, found: RecordScope| sights.eligible(case, found);
        let ranked: Vec<(Vec<(Uuid, Uuid)>, usize)> = ids
            .par_iter()
            .map(|id| {
                let Some(ranking) = rank(store, side, key(*id), options, &eligible) else { return (Vec::new(), 0) };
                let strong = ranking.found.iter().map(|r| Uuid::from_u128(r.key.0));
                let pairs = strong.map(|other| if side == Side::Case { (*id, other) } else { (other, *id) }).collect();
                (pairs, ranking.considered)
            })
            .collect();
        let considered = ranked.iter().map(|(_, n)| n).sum();
        // Open pairs first: what is known of them decides whether they may end.
        let mut wanted: HashMap<(Uuid, Uuid), bool> = open.iter().map(|o| ((o.case_id, o.found_id), o.untouched)).collect();
        for pair in ranked.into_iter().flat_map(|(pairs, _)| pairs) {
            wanted.entry(pair).or_insert(true);
        }
        let mut wanted: Vec<((Uuid, Uuid), bool)> = wanted.into_iter().collect();
        // One order for every worker, so that two of them never wait for each other.
        wanted.sort_unstable();
        let pairs = wanted.into_par_iter().map(|(pair, may_end)| self.proposed(app, store, &eligible, pair, may_end)).collect();
        (pairs, considered, store.model().id.clone())
    }

    fn proposed(
        &self,
        app: &App,
        store: &Store,
        eligible: &(dyn Fn(RecordScope, RecordScope) -> bool + Sync),
        (case, found): (Uuid, Uuid),
        may_end: bool,
    ) -> ProposedPair {
        let assessed = match (store.features(Side::Case, key(case)), store.features(Side::Found, key(found))) {
            (Some(a), Some(b)) if eligible(a.scope, b.scope) => store.assess(key(case), key(found)),
            _ => None,
        };
        let ended = ProposedPair {
            id: app.ids.next(),
            case: CaseId(case),
            found: FoundId(found),
            odds: 0.0,
            prior: 0.0,
            probability: 0.0,
            coverage: 0.0,
            band: String::new(),
            evidence: Vec::new(),
            kept: false,
        };
        let Some(a) = assessed else { return ended };
        ProposedPair {
            odds: a.log10_odds.log10(),
            prior: a.prior.log10(),
            probability: a.probability,
            coverage: a.coverage,
            band: a.band.code().to_owned(),
            kept: !may_end || a.log10_odds.log10() >= self.floor,
            evidence: a
                .evidence
                .iter()
                .map(|e| StoredEvidence {
                    field: e.field.code().to_owned(),
                    comparison: e.comparison.code().to_owned(),
                    level: e.level.to_owned(),
                    log10_lr: e.log10_lr.log10(),
                })
                .collect(),
            ..ended
        }
    }
}

const fn key(id: Uuid) -> RecordKey {
    RecordKey(id.as_u128())
}

#[derive(serde::Deserialize)]
struct NameJson {
    k: String,
    g: Option<String>,
    f: Option<String>,
    s: Option<String>,
    t: Option<String>,
}

#[derive(serde::Deserialize)]
struct ItemJson {
    text: String,
}

fn texts(value: &serde_json::Value) -> Vec<String> {
    serde_json::from_value::<Vec<ItemJson>>(value.clone()).map(|items| items.into_iter().map(|i| i.text).collect()).unwrap_or_default()
}

fn kind(word: &str) -> RecordKind {
    match word {
        "case" => RecordKind::Case,
        "hospital" => RecordKind::Hospital,
        "detention" => RecordKind::Detention,
        "shelter" => RecordKind::Shelter,
        "remains_named" => RecordKind::RemainsNamed,
        "remains_unnamed" => RecordKind::RemainsUnnamed,
        "foreign_case" => RecordKind::ForeignCase,
        _ => RecordKind::LivingOther,
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the check constraint keeps a stature between 30 and 250 cm")]
const fn centimetres(value: f32) -> u16 {
    value.round() as u16
}

/// A database row as the engine's record.
fn record(row: &SubjectRow, scope: RecordScope) -> PersonRecord {
    let kind = kind(&row.record_kind);
    let side = if kind == RecordKind::Case { Side::Case } else { Side::Found };
    let interval = |from: Option<chrono::NaiveDate>, to: Option<chrono::NaiveDate>| Some(DateInterval { from: from?, to: to? });
    let names: Vec<NameJson> = row.names.clone().and_then(|n| serde_json::from_value(n).ok()).unwrap_or_default();
    let years = |age: i16| u16::try_from(age).unwrap_or(0);
    let age = match (row.age_min.or(row.age_max), row.age_max.or(row.age_min), row.age_as_of.or(row.event_to)) {
        (Some(min), Some(max), Some(at)) => Some(AgeRange { min_years: years(min), max_years: years(max), at }),
        _ => None,
    };
    let stature = row.height_min_cm.or(row.height_max_cm).zip(row.height_max_cm.or(row.height_min_cm));
    let pmi = row.pmi_min_days.or(row.pmi_max_days).zip(row.pmi_max_days.or(row.pmi_min_days));
    PersonRecord {
        scope,
        names: names
            .into_iter()
            .map(|n| WrittenName {
                role: if matches!(n.k.as_str(), "nickname" | "alias" | "social") { NameRole::Alias } else { NameRole::Legal },
                given: n.g,
                first_surname: n.f,
                second_surname: n.s,
                full_text: n.t,
            })
            .collect(),
        sex: match row.sex.as_deref() {
            Some("female") => Some(Sex::Female),
            Some("male") => Some(Sex::Male),
            _ => None,
        },
        birth: interval(row.birth_from, row.birth_to),
        age,
        nationalities: row.nationalities.clone(),
        stature_cm: stature.map(|(a, b)| (centimetres(a), centimetres(b))),
        build: row.build.clone(),
        hair: row.hair_color.clone(),
        eyes: row.eye_color.clone(),
        marks: texts(&row.marks),
        dental: texts(&row.dental),
        clothing: texts(&row.clothing),
        belongings: texts(&row.belongings),
        phones: row.phones.clone(),
        documents: row.documents.clone(),
        companions: row.companions.clone(),
        position: match (row.lat, row.lon) {
            (Some(lat), Some(lon)) => Some(Position { lat, lon, uncertainty_m: row.uncertainty_m.unwrap_or(2_000.0) }),
            _ => None,
        },
        place_text: row.place_name.clone(),
        country: row.country.clone(),
        event: interval(row.event_from, row.event_to),
        pmi: pmi.map(|(min, max)| PostMortemInterval { min_days: u32::try_from(min).unwrap_or(0), max_days: u32::try_from(max).unwrap_or(0) }),
        language: row.language.clone(),
        ..PersonRecord::new(key(row.id), side, kind)
    }
}

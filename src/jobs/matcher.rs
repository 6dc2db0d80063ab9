//! The matcher of a process: the in-memory store of every record the node may compare, and the comparison of subjects with it. It works under
//! the matcher's role and sees features, never pages; what it finds goes through the database's narrow function.

use super::kinds::reweigh::grew;
use crate::app::App;
use crate::config::Link as LinkSettings;
use crate::db::duplicates::{self, OpenDuplicate, ProposedDuplicate};
use crate::db::feed::Cursor;
use crate::db::hypotheses::{self, OpenPair, ProposedPair, StoredEvidence};
use crate::db::information::{self, FieldWorth, Informed};
use crate::db::kinship::{self, PairKinship};
use crate::db::reweighing;
use crate::db::subjects::{self, SubjectRow};
use crate::db::{DbError, Pool, Role, Scope};
use crate::domain::found::{FoundKind, RecordClass};
use crate::domain::ids::{CaseId, FoundId};
use crate::linkage::model::Millibans;
use crate::linkage::record::{
    AgeRange, DateInterval, NameRole, PersonRecord, Position, PostMortemInterval, RecordKey, RecordKind, Scope as RecordScope, Sex, Side,
    WrittenName,
};
use crate::matching::explain;
use crate::matching::rank::{Eligible, RankOptions, Search, Watch, rank, rank_all};
use crate::matching::score::{Assessment, Field};
use crate::matching::store::Store;
use crate::matching::train::{Known, Trained, train};
use crate::services::engine::{self, EngineFileError};
use crate::services::explanations::{Asked, Outlook, Weighed, Whole};
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

/// What records have in common that may be compared with the same others.
#[derive(Debug, PartialEq, Eq)]
struct Standing {
    /// What they tell of.
    class: RecordClass,
    /// The slots of the other authorities that may see them.
    recipients: HashSet<u32>,
}

/// Who may see a record for search: its owner and the recipients that agreement and consent leave, by slot.
#[derive(Debug, Default)]
struct Sights {
    /// Slot of an authority.
    slots: HashMap<Uuid, u32>,
    /// Where records stand; many share one.
    standings: Vec<Standing>,
}

impl Sights {
    fn slot(&mut self, authority: Uuid) -> u32 {
        let next = u32::try_from(self.slots.len()).unwrap_or(u32::MAX);
        *self.slots.entry(authority).or_insert(next)
    }

    /// The scope of a record: its owner, and its standing. Equal ones share an entry.
    fn scope(&mut self, row: &SubjectRow) -> RecordScope {
        let owner = self.slot(row.authority_id);
        // What is no kind of found record is a case.
        let class = row.record_kind.parse().map_or(RecordClass::Report, FoundKind::class);
        let standing = Standing { class, recipients: row.recipients.iter().map(|r| self.slot(*r)).collect() };
        let at = match self.standings.iter().position(|s| *s == standing) {
            Some(at) => at,
            None => {
                self.standings.push(standing);
                self.standings.len() - 1
            }
        };
        RecordScope { owner, flags: u32::try_from(at).unwrap_or(u32::MAX) }
    }

    fn standing(&self, record: RecordScope) -> Option<&Standing> {
        self.standings.get(record.flags as usize)
    }

    fn sees(&self, authority: u32, record: RecordScope) -> bool {
        authority == record.owner || self.standing(record).is_some_and(|s| s.recipients.contains(&authority))
    }

    /// A pair may be proposed when at least one side may see the other's record.
    fn eligible(&self, case: RecordScope, found: RecordScope) -> bool {
        self.sees(case.owner, found) || self.sees(found.owner, case)
    }

    /// Two records of one side may be proposed as duplicates when they are of one class too.
    fn duplicable(&self, one: RecordScope, two: RecordScope) -> bool {
        self.eligible(one, two) && self.standing(one).map(|s| s.class) == self.standing(two).map(|s| s.class)
    }
}

/// What a field usually brings.
type Worth = (Field, Option<Millibans>);

struct Inner {
    store: Store,
    sights: Sights,
}

/// The matcher.
pub struct Matcher {
    inner: RwLock<Inner>,
    cursor: Mutex<Cursor>,
    following: tokio::sync::Mutex<()>,
    settings: LinkSettings,
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
    /// Possible duplicates that are new.
    pub duplicates: usize,
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
            settings: settings.clone(),
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

    /// Compares subjects with the other side and with their own, and hands the strongest pairs over as hypotheses and possible duplicates. Those
    /// that are open already are weighed anew, whether or not they are still among the strongest; one that falls below the floor, or may not be
    /// compared any more, ends.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn match_subjects(&self, app: &App, pool: &Pool, kind: &str, ids: &[Uuid]) -> Result<Matched, DbError> {
        let side = if kind == "case" { Side::Case } else { Side::Found };
        let mut matched = Matched::default();
        for chunk in ids.chunks(CHUNK) {
            let mut tx = pool.begin(Role::Matcher, &Scope::default()).await?;
            let open = hypotheses::open_pairs(&mut tx, kind, chunk).await?;
            let open_duplicates = duplicates::open_pairs(&mut tx, kind, chunk).await?;
            let kin = kinship::of_subjects(&mut tx, kind, chunk).await?;
            tx.commit().await?;
            let (pairs, considered, model) = self.weigh_chunk(app, side, chunk, (&open, &kin));
            if side == Side::Case {
                let informed = self.informed(chunk);
                let mut tx = pool.begin(Role::Matcher, &Scope::default()).await?;
                information::inform(&mut tx, &model, &informed, app.now()).await?;
                tx.commit().await?;
            }
            matched.considered += considered;
            matched.subjects += chunk.len();
            for part in pairs.chunks(PAIRS) {
                let mut tx = pool.begin(Role::Matcher, &Scope::default()).await?;
                let outcome = hypotheses::propose(&mut tx, &model, part, app.now()).await?;
                tx.commit().await?;
                matched.proposed += outcome.iter().filter(|p| matches!(p.outcome.as_str(), "proposed" | "reopened")).count();
            }
            let (pairs, considered) = self.weigh_duplicates(app, side, chunk, &open_duplicates);
            matched.considered += considered;
            for part in pairs.chunks(PAIRS) {
                let mut tx = pool.begin(Role::Matcher, &Scope::default()).await?;
                matched.duplicates += duplicates::propose(&mut tx, kind, &model, part, app.now()).await?;
                tx.commit().await?;
            }
        }
        let mut totals = self.totals.lock().unwrap_or_else(PoisonError::into_inner);
        totals.subjects += matched.subjects;
        totals.considered += matched.considered;
        totals.proposed += matched.proposed;
        totals.duplicates += matched.duplicates;
        Ok(matched)
    }

    /// The pairs of a chunk of subjects that are to be written: the strongest of each, those that DNA speaks for, and those that are open already. In
    /// parallel, with no connection held.
    fn weigh_chunk(
        &self,
        app: &App,
        side: Side,
        ids: &[Uuid],
        (open, kin): (&[OpenPair], &[PairKinship]),
    ) -> (Vec<ProposedPair>, usize, String) {
        use rayon::prelude::*;
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        let Inner { store, sights } = &*inner;
        let options = RankOptions { top: self.settings.top, floor: self.settings.floor, ..RankOptions::default() };
        let eligible = |case: RecordScope, found: RecordScope| sights.eligible(case, found);
        let search = Search { side, among: side.other(), options, eligible: &eligible, shared: None };
        let (ranked, considered) = ranked(store, search, ids);
        // Open pairs first: what is known of them decides whether they may end.
        let mut wanted: HashMap<(Uuid, Uuid), bool> = open.iter().map(|o| ((o.case_id, o.found_id), o.untouched)).collect();
        for (id, other) in ranked {
            wanted.entry(if side == Side::Case { (id, other) } else { (other, id) }).or_insert(true);
        }
        for pair in kin.iter().filter(|k| !k.withdrawn) {
            wanted.entry((pair.case_id, pair.found_id)).or_insert(true);
        }
        let kin: HashMap<(Uuid, Uuid), &PairKinship> = kin.iter().map(|k| ((k.case_id, k.found_id), k)).collect();
        let mut wanted: Vec<((Uuid, Uuid), bool)> = wanted.into_iter().collect();
        // One order for every worker, so that two of them never wait for each other.
        wanted.sort_unstable();
        let worth = explain::usual_worth(store, Side::Case);
        let weigh =
            |(pair, may_end): ((Uuid, Uuid), bool)| self.proposed(app, store, (&eligible, &worth), (pair, kin.get(&pair).copied()), may_end);
        let pairs = wanted.into_par_iter().map(weigh).collect();
        (pairs, considered, store.model().id.clone())
    }

    /// As [`Self::weigh_chunk`], of subjects with the records of their own side.
    fn weigh_duplicates(&self, app: &App, side: Side, ids: &[Uuid], open: &[OpenDuplicate]) -> (Vec<ProposedDuplicate>, usize) {
        use rayon::prelude::*;
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        let Inner { store, sights } = &*inner;
        let LinkSettings { duplicate_top: top, duplicate_floor: floor, .. } = self.settings;
        let options = RankOptions { top, floor, ..RankOptions::default() };
        let duplicable = |one: RecordScope, two: RecordScope| sights.duplicable(one, two);
        let search = Search { side, among: side, options, eligible: &duplicable, shared: None };
        let (ranked, considered) = ranked(store, search, ids);
        let mut wanted: HashMap<(Uuid, Uuid), bool> = open.iter().map(|o| ((o.one_id, o.two_id), o.untouched)).collect();
        for (id, other) in ranked {
            wanted.entry((id.min(other), id.max(other))).or_insert(true);
        }
        let mut wanted: Vec<((Uuid, Uuid), bool)> = wanted.into_iter().collect();
        wanted.sort_unstable();
        let weigh = |((one, two), may_end): ((Uuid, Uuid), bool)| {
            let assessed = match (store.features(side, key(one)), store.features(side, key(two))) {
                (Some(a), Some(b)) if duplicable(a.scope, b.scope) => store.assess_any((side, key(one)), (side, key(two))),
                _ => None,
            };
            let pair = ProposedDuplicate {
                id: app.ids.next(),
                one,
                two,
                odds: 0.0,
                prior: 0.0,
                probability: 0.0,
                coverage: 0.0,
                band: String::new(),
                evidence: Vec::new(),
                kept: false,
            };
            let Some(a) = assessed else { return pair };
            ProposedDuplicate {
                odds: a.log10_odds.log10(),
                prior: a.prior.log10(),
                probability: a.probability,
                coverage: a.coverage,
                band: a.band.code().to_owned(),
                kept: !may_end || a.log10_odds.log10() >= floor,
                // Nobody is asked for what two records of one side lack: hypotheses tell what helps a search.
                evidence: stored(&a, &[]).into_iter().map(|e| StoredEvidence { lacking: None, ..e }).collect(),
                ..pair
            }
        };
        (wanted.into_par_iter().map(weigh).collect(), considered)
    }

    /// How much comparing can tell of cases: what each field brings at most, or usually brings where the case does not tell it.
    fn informed(&self, cases: &[Uuid]) -> Vec<Informed> {
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        let store = &inner.store;
        let usual = explain::usual_worth(store, Side::Case);
        let one = |id: &Uuid| {
            let information = explain::information(store, Side::Case, key(*id))?;
            let fields = information.fields.iter().zip(&usual).filter_map(|((field, told), (_, usual))| {
                let log10 = told.map(Millibans::log10).or_else(|| usual.map(tenths))?;
                Some(FieldWorth { field: field.code().to_owned(), told: told.is_some(), log10 })
            });
            Some(Informed { case: CaseId(*id), band: information.band.code().to_owned(), fields: fields.collect() })
        };
        cases.iter().filter_map(one).collect()
    }

    /// What the engine says of a pair, and where it stands among what the asking authority may see for search; `None` when the two are not compared,
    /// or not for this authority. Blocks for about 4 us per record held.
    #[must_use]
    pub fn explain(&self, asked: Asked) -> Option<Weighed> {
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        let Inner { store, sights } = &*inner;
        let (one, two) = ((Side::Case, key(asked.case.0)), (Side::Found, key(asked.found.0)));
        let (case, found) = (store.features(one.0, one.1)?, store.features(two.0, two.1)?);
        let viewer = *sights.slots.get(&asked.viewer.0)?;
        let seen = |scope: RecordScope| sights.sees(viewer, scope);
        if !(seen(case.scope) && seen(found.scope) && sights.eligible(case.scope, found.scope)) {
            return None;
        }
        let a = store.assess_any(one, two)?;
        // Told is only the place among what the viewer may see; what others hold shows in no number.
        let among_found = explain::standing(store, one, two, &|f| seen(f.scope))?;
        let among_cases = explain::standing(store, two, one, &|f| seen(f.scope))?;
        let mut left_out = false;
        let outlook = if a.log10_odds.log10() < self.settings.floor {
            Outlook::BelowFloor
        } else {
            let of_case = explain::standing(store, one, two, &|f| sights.eligible(case.scope, f.scope))?;
            let of_found = explain::standing(store, two, one, &|f| sights.eligible(f.scope, found.scope))?;
            let options = RankOptions { top: self.settings.top, floor: self.settings.floor, ..RankOptions::default() };
            let eligible = |case: RecordScope, found: RecordScope| sights.eligible(case, found);
            let lists = |(side, asking): (Side, RecordKey), wanted: RecordKey| {
                rank(store, side, asking, options, &eligible).is_some_and(|r| r.found.iter().any(|f| f.key == wanted))
            };
            left_out = (of_case.place <= self.settings.top && !lists(one, two.1)) || (of_found.place <= self.settings.top && !lists(two, one.1));
            if of_case.place <= self.settings.top || of_found.place <= self.settings.top {
                Outlook::AmongStrongest
            } else {
                Outlook::BeyondStrongest
            }
        };
        let evidence = stored(&a, &explain::usual_worth(store, Side::Case));
        let whole = Whole {
            log10_odds: a.log10_odds.log10(),
            probability: a.probability,
            coverage: a.coverage,
            band: a.band.code().to_owned(),
            among_found,
            among_cases,
            outlook,
            left_out,
        };
        Some(Weighed { model: a.model, log10_prior: a.prior.log10(), evidence, whole })
    }

    fn proposed(
        &self,
        app: &App,
        store: &Store,
        (eligible, worth): (Eligible<'_>, &[Worth]),
        ((case, found), kin): ((Uuid, Uuid), Option<&PairKinship>),
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
        let dna = kin.map(dna);
        let (odds, probability, band) = a.with(dna.as_ref().map_or(Millibans(0), |d| Millibans::from_log10(d.log10_lr)));
        let mut evidence = stored(&a, worth);
        // Before what follows from the other fields, which comes last.
        let at = evidence.iter().position(|e| Field::is_derived_code(&e.field)).unwrap_or(evidence.len());
        evidence.splice(at..at, dna);
        ProposedPair {
            odds: odds.log10(),
            prior: a.prior.log10(),
            probability,
            coverage: a.coverage,
            band: band.code().to_owned(),
            kept: !may_end || odds.log10() >= self.settings.floor,
            evidence,
            ..ended
        }
    }
}

/// Each subject with its strongest counterparts, and how many records were looked at. In parallel.
fn ranked(store: &Store, search: Search<'_>, ids: &[Uuid]) -> (Vec<(Uuid, Uuid)>, usize) {
    let keys: Vec<RecordKey> = ids.iter().map(|id| key(*id)).collect();
    let (mut pairs, mut considered) = (Vec::new(), 0);
    for (id, ranking) in ids.iter().zip(rank_all(store, search, &keys, Watch::NOBODY)) {
        let Some(ranking) = ranking else { continue };
        considered += ranking.considered;
        pairs.extend(ranking.found.iter().map(|r| (*id, Uuid::from_u128(r.key.0))));
    }
    (pairs, considered)
}

/// An assessment's evidence as it is kept; `worth` is what each field usually brings. Frequencies and worths are kept as roughly as they are told,
/// so that a hypothesis does not change with every record that comes.
fn stored(a: &Assessment, worth: &[Worth]) -> Vec<StoredEvidence> {
    let usual = |field: Field| worth.iter().find(|w| w.0 == field).and_then(|w| w.1).map(tenths);
    a.evidence
        .iter()
        .map(|e| StoredEvidence {
            field: e.field.code().to_owned(),
            comparison: e.comparison.code().to_owned(),
            level: e.level.to_owned(),
            log10_lr: e.log10_lr.log10(),
            frequency: e.frequency.map(two_digits),
            lacking: e.lacking.map(|l| l.code().to_owned()),
            worth: e.lacking.and_then(|_| usual(e.field)),
        })
        .collect()
}

/// The most that DNA weighs for a pair.
const MOST_FOR: f64 = 12.0;
/// And against: that a sample was taken for another is never ruled out further than to one in a million.
const MOST_AGAINST: f64 = -6.0;
/// From a hundredfold on DNA is said to support, or not to support.
const SUPPORTS: f64 = 2.0;
/// Markers that exclude by a mutation or a fault of reading; more are no support however the others weigh.
const MAY_MUTATE: i16 = 2;

/// What a marker weighs that excludes where a mutation or a fault of reading may have done it.
const EACH_EXCLUDING: f64 = 3.0;
/// log10 of the share of things taken for a missing person's that are somebody else's: a brother's toothbrush.
const NOT_THEIR_OWN: f64 = -2.0;

/// log10 of what markers say of which some may exclude.
fn markers(log10_lr: f64, excluding: i16) -> f64 {
    if excluding > MAY_MUTATE { MOST_AGAINST } else { log10_lr - EACH_EXCLUDING * f64::from(excluding) }
}

/// What DNA says of a pair, as it is kept: in words and in tenths, so that no locus can be read from it. The missing person's own things speak before relatives,
/// unless they are somebody else's; where sex, Y or mtDNA exclude, nothing speaks for it until a geneticist has looked.
fn dna(kin: &PairKinship) -> StoredEvidence {
    let relatives = markers(kin.log10_lr, kin.excluding);
    let weight = match (kin.direct_log10_lr, kin.direct_excluding) {
        // The things' owner is not of this family: one of the two is wrong, and people have to say which.
        (Some(own), Some(excluding)) if excluding <= MAY_MUTATE && kin.excluding > MAY_MUTATE => markers(own, excluding).min(0.0),
        (Some(own), Some(excluding)) if excluding <= MAY_MUTATE => markers(own, excluding),
        (Some(_), _) => relatives + NOT_THEIR_OWN,
        _ => relatives,
    };
    let weight = if kin.conflicts > 0 { weight.min(0.0) - EACH_EXCLUDING * f64::from(kin.conflicts) } else { weight };
    let weight = (weight.clamp(MOST_AGAINST, MOST_FOR) * 10.0).round() / 10.0;
    let (comparison, level, log10_lr) = match weight {
        _ if kin.withdrawn => ("not_comparable", "dna.withdrawn", 0.0),
        w if w >= SUPPORTS => ("agree", "dna.supports", w),
        w if w <= -SUPPORTS => ("disagree", "dna.does_not_support", w),
        w => ("partial", "dna.inconclusive", w),
    };
    let (field, comparison, level) = ("dna".to_owned(), comparison.to_owned(), level.to_owned());
    StoredEvidence { field, comparison, level, log10_lr, frequency: None, lacking: None, worth: None }
}

/// log10 in tenths: whole decibans.
fn tenths(weight: Millibans) -> f64 {
    weight.decibans().round() / 10.0
}

/// A share above 0 in two significant digits.
fn two_digits(share: f64) -> f64 {
    let unit = 10f64.powi(1 - decade(share));
    (share * unit).round() / unit
}

/// The power of ten of a share's first digit.
#[expect(clippy::cast_possible_truncation, reason = "a power of ten of a share above 1e-12")]
fn decade(share: f64) -> i32 {
    share.max(1e-12).log10().floor() as i32
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

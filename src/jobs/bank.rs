//! The search of the bank in this process: profiles and families that may be searched, opened and held in memory, and what pairs weigh. It works under a role
//! that may call the bank's narrow functions and nothing else; what it finds goes through them.

use super::listener::Bells;
use super::runner::{JobError, Worker};
use crate::app::App;
use crate::config::Genetics;
use crate::db::feed::Cursor;
use crate::db::kinship::{self, ChunkDone, Gone, NewResult, SearchablePedigree, SearchableProfile};
use crate::db::samples::KinshipPair;
use crate::db::{DbError, Pool, Role, Scope};
use crate::genetics::profile::{Profile, together};
use crate::genetics::store::{Family, Key, Store, StoreError, Weighed};
use crate::services::bank::pedigrees::Drawn;
use crate::services::bank::seal;
use crate::services::bank::weighing::{WeighingError, weighing};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Mutex, PoisonError, RwLock};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// How often the change feed is looked at when no bell was heard: a consent runs out without one.
const FOLLOW: Duration = Duration::from_secs(10);
/// Results written in one statement.
const RESULTS: usize = 5_000;

/// Why the bank cannot be searched.
#[derive(Debug, thiserror::Error)]
pub enum BankError {
    /// The settings.
    #[error(transparent)]
    Weighing(#[from] WeighingError),
    /// Frequencies or mutation.
    #[error("a locus cannot be weighed with the frequencies and mutation rates of [genetics]")]
    Store(#[from] StoreError),
    /// The database.
    #[error(transparent)]
    Database(#[from] DbError),
}

/// Whose a profile is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Of {
    Found(Uuid),
    Donor(Uuid),
    Case(Uuid),
}

/// A family as it is drawn, with the cases and donors of its individuals.
pub(super) struct HeldPedigree {
    epoch: i32,
    pub(super) drawn: Drawn,
    pub(super) missing: Vec<(String, Uuid)>,
    pub(super) donors: Vec<(String, Uuid)>,
}

/// What is searched, opened.
#[derive(Default)]
pub(super) struct Held {
    /// Profiles that may be searched, opened, with the instant their consent runs out.
    profiles: HashMap<Uuid, (Of, Profile, Option<DateTime<Utc>>)>,
    by_subject: BTreeMap<Of, BTreeSet<Uuid>>,
    /// Families as they are drawn.
    pub(super) pedigrees: HashMap<Uuid, HeldPedigree>,
}

struct Inner {
    store: Store,
    held: Held,
}

/// The bank of a process.
pub struct Bank {
    inner: RwLock<Inner>,
    cursor: Mutex<Cursor>,
    following: tokio::sync::Mutex<()>,
    key: seal::Key,
    floor: f64,
}

impl std::fmt::Debug for Bank {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Bank")
    }
}

/// What is searched.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Wanted {
    profiles: Vec<Uuid>,
    founds: Vec<Uuid>,
    pedigrees: Vec<Uuid>,
    donors: Vec<Uuid>,
    cases: Vec<Uuid>,
}

impl Bank {
    /// Loads every profile and family that may be searched.
    ///
    /// # Errors
    /// [`BankError`].
    pub async fn load(settings: &Genetics, key: seal::Key, pool: &Pool) -> Result<Self, BankError> {
        let bank = Self {
            inner: RwLock::new(Inner { store: Store::new(weighing(settings)?)?, held: Held::default() }),
            cursor: Mutex::default(),
            following: tokio::sync::Mutex::default(),
            key,
            floor: settings.floor,
        };
        let mut tx = pool.begin(Role::Kinship, &Scope::default()).await?;
        let cursor = Cursor::now(&mut tx).await?;
        let profiles = kinship::profiles(&mut tx, None).await?;
        let pedigrees = kinship::pedigrees(&mut tx, None).await?;
        tx.commit().await?;
        {
            let mut inner = bank.inner.write().unwrap_or_else(PoisonError::into_inner);
            let of: BTreeSet<Of> = bank.hold(&mut inner.held, profiles).into_iter().collect();
            let ids: Vec<Uuid> = pedigrees.iter().map(|p| p.id).collect();
            bank.draw(&mut inner.held, pedigrees);
            put_remains(&mut inner, &of)?;
            put_families(&mut inner, &ids)?;
        }
        *bank.cursor.lock().unwrap_or_else(PoisonError::into_inner) = cursor;
        Ok(bank)
    }

    /// How many families and remains are held.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        self.inner.read().unwrap_or_else(PoisonError::into_inner).store.len()
    }

    /// Opens profiles and holds them; whose they are.
    fn hold(&self, held: &mut Held, profiles: Vec<SearchableProfile>) -> Vec<Of> {
        let mut whose = Vec::new();
        for p in profiles {
            let of = match (p.found_id, p.donor_id, p.case_id) {
                (Some(id), ..) => Of::Found(id),
                (_, Some(id), _) => Of::Donor(id),
                (.., Some(id)) => Of::Case(id),
                _ => continue,
            };
            match self.key.open::<Profile>(p.id, &p.content) {
                Ok(profile) => {
                    held.profiles.insert(p.id, (of, profile, p.until));
                    held.by_subject.entry(of).or_default().insert(p.id);
                    whose.push(of);
                }
                Err(error) => {
                    tracing::error!(profile.id = %p.id, %error, "a profile cannot be opened and is not searched; is [keys] bank_key the one it was sealed with?")
                }
            }
        }
        whose
    }

    fn draw(&self, held: &mut Held, pedigrees: Vec<SearchablePedigree>) {
        #[derive(serde::Deserialize)]
        struct Missing {
            individual: String,
            case_id: Uuid,
        }
        #[derive(serde::Deserialize)]
        struct Donor {
            individual: String,
            donor_id: Uuid,
        }
        for p in pedigrees {
            let opened = self.key.open::<Drawn>(p.id, &p.content);
            let missing = serde_json::from_value::<Vec<Missing>>(p.missing);
            let donors = serde_json::from_value::<Vec<Donor>>(p.donors);
            match (opened, missing, donors) {
                (Ok(drawn), Ok(missing), Ok(donors)) => {
                    let missing = missing.into_iter().map(|m| (m.individual, m.case_id)).collect();
                    let donors = donors.into_iter().map(|d| (d.individual, d.donor_id)).collect();
                    held.pedigrees.insert(p.id, HeldPedigree { epoch: p.epoch, drawn, missing, donors });
                }
                _ => {
                    tracing::error!(pedigree.id = %p.id, "a pedigree cannot be opened and is not searched; is [keys] bank_key the one it was sealed with?")
                }
            }
        }
    }

    /// Takes over what the change feed holds since the last call.
    ///
    /// # Errors
    /// [`BankError`].
    pub async fn catch_up(&self, pool: &Pool, now: DateTime<Utc>) -> Result<(), BankError> {
        self.catch_up_with(pool, now, &[]).await
    }

    /// The same, and looks again at what is searched of these donors.
    async fn catch_up_with(&self, pool: &Pool, now: DateTime<Utc>, also: &[Uuid]) -> Result<(), BankError> {
        let _one_at_a_time = self.following.lock().await;
        let mut cursor = self.cursor.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut tx = pool.begin(Role::Kinship, &Scope::default()).await?;
        let changes = cursor.next(&mut tx).await?;
        let of_kind = |kind: &str| -> Vec<Uuid> {
            let ids: BTreeSet<Uuid> = changes.iter().filter(|c| c.kind == kind).flat_map(|c| c.ids.iter().copied()).collect();
            ids.into_iter().collect()
        };
        let (mut donors, cases) = (of_kind("donor"), of_kind("case"));
        donors.extend(also);
        let mut profiles: BTreeSet<Uuid> = of_kind("profile").into_iter().collect();
        {
            let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
            // A consent that has run out ends what it covered, though nobody changed anything.
            profiles.extend(inner.held.profiles.iter().filter(|(_, (_, _, until))| until.is_some_and(|end| end <= now)).map(|(id, _)| *id));
        }
        let founds = of_kind("found_record");
        if !(founds.is_empty() && donors.is_empty() && cases.is_empty()) {
            profiles.extend(kinship::profiles_of(&mut tx, &founds, &donors, &cases).await?);
        }
        let profiles: Vec<Uuid> = profiles.into_iter().collect();
        let found = if profiles.is_empty() { Vec::new() } else { kinship::profiles(&mut tx, Some(&profiles)).await? };
        let mut pedigrees: BTreeSet<Uuid> = of_kind("pedigree").into_iter().collect();
        let cases = self.cases_named(&profiles, &found, cases);
        let changed_donors = self.donors_of(&profiles, &found, donors);
        if !(changed_donors.is_empty() && cases.is_empty()) {
            pedigrees.extend(kinship::pedigrees_of(&mut tx, &changed_donors, &cases).await?);
        }
        let pedigrees: Vec<Uuid> = pedigrees.into_iter().collect();
        let drawn = if pedigrees.is_empty() { Vec::new() } else { kinship::pedigrees(&mut tx, Some(&pedigrees)).await? };
        tx.commit().await?;
        if !(profiles.is_empty() && pedigrees.is_empty()) {
            let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
            let mut touched: BTreeSet<Of> = BTreeSet::new();
            for id in &profiles {
                if let Some((of, ..)) = inner.held.profiles.remove(id) {
                    inner.held.by_subject.entry(of).or_default().remove(id);
                    touched.insert(of);
                }
            }
            touched.extend(self.hold(&mut inner.held, found));
            for id in &pedigrees {
                inner.held.pedigrees.remove(id);
            }
            self.draw(&mut inner.held, drawn);
            put_remains(&mut inner, &touched)?;
            put_families(&mut inner, &pedigrees)?;
        }
        *self.cursor.lock().unwrap_or_else(PoisonError::into_inner) = cursor;
        Ok(())
    }

    /// Cases that changed, or of whose missing person a profile changed, came or went.
    fn cases_named(&self, profiles: &[Uuid], found: &[SearchableProfile], named: Vec<Uuid>) -> Vec<Uuid> {
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        let before = profiles.iter().filter_map(|id| match inner.held.profiles.get(id) {
            Some((Of::Case(case), ..)) => Some(*case),
            _ => None,
        });
        let all: BTreeSet<Uuid> = named.into_iter().chain(before).chain(found.iter().filter_map(|p| p.case_id)).collect();
        all.into_iter().collect()
    }

    /// Donors whose profiles changed, came or went.
    fn donors_of(&self, profiles: &[Uuid], found: &[SearchableProfile], named: Vec<Uuid>) -> Vec<Uuid> {
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        let before = profiles.iter().filter_map(|id| match inner.held.profiles.get(id) {
            Some((Of::Donor(donor), ..)) => Some(*donor),
            _ => None,
        });
        let all: BTreeSet<Uuid> = named.into_iter().chain(before).chain(found.iter().filter_map(|p| p.donor_id)).collect();
        all.into_iter().collect()
    }

    /// Every remains these profiles are of, and every pedigree that rests on these or on their donors.
    fn subjects(&self, wanted: &Wanted) -> (Vec<Uuid>, Vec<Uuid>) {
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        let mut founds: BTreeSet<Uuid> = wanted.founds.iter().copied().collect();
        let mut donors: HashSet<Uuid> = wanted.donors.iter().copied().collect();
        let mut cases: HashSet<Uuid> = wanted.cases.iter().copied().collect();
        for id in &wanted.profiles {
            match inner.held.profiles.get(id) {
                Some((Of::Found(found), ..)) => drop(founds.insert(*found)),
                Some((Of::Donor(donor), ..)) => drop(donors.insert(*donor)),
                Some((Of::Case(case), ..)) => drop(cases.insert(*case)),
                None => {}
            }
        }
        let rests = |p: &HeldPedigree| p.donors.iter().any(|(_, d)| donors.contains(d)) || p.missing.iter().any(|(_, c)| cases.contains(c));
        let mut pedigrees: BTreeSet<Uuid> = inner.held.pedigrees.iter().filter(|(_, p)| rests(p)).map(|(id, _)| *id).collect();
        pedigrees.extend(&wanted.pedigrees);
        (founds.into_iter().collect(), pedigrees.into_iter().collect())
    }

    fn weigh_remains(&self, founds: &[Uuid], watched: &HashSet<KinshipPair>) -> Vec<NewResult> {
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        let all = founds.iter().flat_map(|found| inner.store.of_remains(found.as_u128()));
        all.filter(|w| self.counts(w, watched)).filter_map(|w| result(&inner.held, w)).collect()
    }

    fn weigh_pedigrees(&self, pedigrees: &[Uuid], watched: &HashSet<KinshipPair>) -> (Vec<NewResult>, i64) {
        let keys: Vec<Key> = pedigrees.iter().map(Uuid::as_u128).collect();
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        let remains = inner.store.len().1;
        let missing: usize = pedigrees.iter().filter_map(|id| inner.held.pedigrees.get(id)).map(|p| p.missing.len()).sum();
        let found = inner.store.of_families(&keys, |w| self.counts(w, watched));
        (found.into_iter().filter_map(|w| result(&inner.held, w)).collect(), i64::try_from(missing * remains).unwrap_or(i64::MAX))
    }

    fn counts(&self, w: &Weighed, watched: &HashSet<KinshipPair>) -> bool {
        (w.log10 >= self.floor && w.excluding <= 2)
            || watched.contains(&KinshipPair { case_id: Uuid::from_u128(w.case), found_id: Uuid::from_u128(w.remains) })
    }

    fn cases_of(&self, pedigrees: &[Uuid]) -> Vec<Uuid> {
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        let cases: BTreeSet<Uuid> =
            pedigrees.iter().filter_map(|id| inner.held.pedigrees.get(id)).flat_map(|p| p.missing.iter().map(|(_, c)| *c)).collect();
        cases.into_iter().collect()
    }

    /// Looks at what is held.
    pub(super) fn with<T>(&self, look: impl FnOnce(&Store, &Held) -> T) -> T {
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        look(&inner.store, &inner.held)
    }

    fn stamp(&self) -> String {
        self.inner.read().unwrap_or_else(PoisonError::into_inner).store.weighing().stamp.clone()
    }

    /// Weighs what is wanted and keeps what counts; what follows for the matcher is queued with it.
    async fn search(&self, app: &App, pool: &Pool, wanted: &Wanted) -> Result<(), BankError> {
        self.catch_up_with(pool, app.now(), &wanted.donors).await?;
        let (founds, pedigrees) = self.subjects(wanted);
        let cases = self.cases_of(&pedigrees);
        let gone = self.without_profile(&founds, wanted);
        let mut tx = pool.begin(Role::Kinship, &Scope::default()).await?;
        if let Some(gone) = gone {
            kinship::withdraw(&mut tx, &gone, app.now()).await?;
        }
        let watched: HashSet<KinshipPair> = kinship::watched(&mut tx, &cases, &founds).await?.into_iter().collect();
        tx.commit().await?;
        let mut results = self.weigh_remains(&founds, &watched);
        results.extend(self.weigh_pedigrees(&pedigrees, &watched).0);
        self.keep(app, pool, &results).await
    }

    /// Of these, the found records, donors and cases of whom no profile may be searched; `None` where there are none.
    fn without_profile(&self, founds: &[Uuid], wanted: &Wanted) -> Option<Gone> {
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        let none = |of: Of| inner.held.by_subject.get(&of).is_none_or(BTreeSet::is_empty);
        let gone = |ids: &[Uuid], of: fn(Uuid) -> Of| ids.iter().copied().filter(|id| none(of(*id))).collect::<Vec<_>>();
        let gone = Gone { donors: gone(&wanted.donors, Of::Donor), founds: gone(founds, Of::Found), cases: gone(&wanted.cases, Of::Case) };
        (!(gone.donors.is_empty() && gone.founds.is_empty() && gone.cases.is_empty())).then_some(gone)
    }

    async fn keep(&self, app: &App, pool: &Pool, results: &[NewResult]) -> Result<(), BankError> {
        let stamp = self.stamp();
        for part in results.chunks(RESULTS) {
            let mut tx = pool.begin(Role::Kinship, &Scope::default()).await?;
            kinship::keep(&mut tx, part, self.floor, &stamp, app.now()).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}

/// What is kept of a weighed pair, for the epoch of the pedigree that it was weighed with.
fn result(held: &Held, w: Weighed) -> Option<NewResult> {
    let pedigree = Uuid::from_u128(w.pedigree);
    Some(NewResult {
        pedigree,
        epoch: held.pedigrees.get(&pedigree)?.epoch,
        individual: w.individual.to_string(),
        case: Uuid::from_u128(w.case),
        found: Uuid::from_u128(w.remains),
        log10: w.log10,
        excluding: w.excluding,
        compared: w.compared,
        basis: w.basis.as_str(),
        lines: w.lines.told().map(|(line, says)| format!("{line}_{}", says.as_str())).collect(),
        conflicts: w.lines.excluding(),
    })
}

/// Brings the store's remains up to the profiles that are held of them.
fn put_remains(inner: &mut Inner, touched: &BTreeSet<Of>) -> Result<(), StoreError> {
    let mut put = Vec::new();
    for of in touched {
        let Of::Found(found) = of else { continue };
        match of_subject(&inner.held, *of) {
            Some(profile) => put.push((found.as_u128(), profile)),
            None => inner.store.remove_remains(found.as_u128()),
        }
    }
    inner.store.put_remains(put)
}

/// One profile of all that are held of somebody.
pub(super) fn of_subject(held: &Held, of: Of) -> Option<Profile> {
    let ids = held.by_subject.get(&of).filter(|ids| !ids.is_empty())?;
    Some(together(ids.iter().filter_map(|id| held.profiles.get(id)).map(|(_, profile, _)| profile)))
}

/// Brings the store's families up to what is held of them.
fn put_families(inner: &mut Inner, pedigrees: &[Uuid]) -> Result<(), StoreError> {
    let mut put = Vec::new();
    for id in pedigrees {
        let family = inner.held.pedigrees.get(id).and_then(|HeldPedigree { drawn, missing, donors, .. }| {
            let donors = donors.iter().filter_map(|(name, donor)| Some((name.clone(), of_subject(&inner.held, Of::Donor(*donor))?)));
            // What the missing person left behind is the missing person's own profile.
            let own = missing.iter().filter_map(|(name, case)| Some((name.clone(), of_subject(&inner.held, Of::Case(*case))?)));
            let typed: Vec<(String, Profile)> = donors.chain(own).collect();
            let pedigree = drawn.pedigree().ok()?;
            let missing = missing.iter().map(|(name, case)| (name.clone(), case.as_u128())).collect();
            // A family of whom nobody is typed says nothing.
            (!typed.is_empty()).then_some(Family { pedigree, missing, typed })
        });
        match family {
            Some(family) => put.push((id.as_u128(), family)),
            None => inner.store.remove_family(id.as_u128()),
        }
    }
    for (pedigree, _) in inner.store.put_families(put)? {
        // The reason can name an allele.
        tracing::warn!(pedigree.id = %Uuid::from_u128(pedigree), "a family cannot be weighed and is not searched");
    }
    Ok(())
}

impl Worker {
    /// Lets the bank of this process, where it was loaded, take over what changed: what was withdrawn leaves the memory of a worker with nothing to do, too.
    pub(super) async fn follow_bank(&self, bells: &Bells, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            let bell = bells.change.notified();
            if let Some(bank) = self.loaded.get()
                && let Err(error) = bank.catch_up(&self.pool, self.app.now()).await
            {
                tracing::warn!(%error, "the bank cannot follow the change feed; trying again");
            }
            tokio::select! {
                () = bell => {}
                () = tokio::time::sleep(FOLLOW) => {}
                () = stop.cancelled() => {}
            }
        }
    }

    /// The bank of this process, loaded when it is first asked for.
    ///
    /// # Errors
    /// [`JobError::Wait`] without a key; [`JobError::Retry`] when it cannot be loaded.
    pub async fn bank(&self) -> Result<&Bank, JobError> {
        let Some(key) = &self.app.bank_key else {
            return Err(JobError::Wait("this process has no [keys] bank_key; another may".to_owned()));
        };
        let load = || Bank::load(&self.app.settings.genetics, key.clone(), &self.pool);
        self.loaded.get_or_try_init(load).await.map_err(|e| JobError::Retry(e.to_string()))
    }
}

impl From<BankError> for JobError {
    fn from(error: BankError) -> Self {
        Self::Retry(error.to_string())
    }
}

/// Job `search_bank`: weighs new or changed profiles and families. Pairs that are other than they were are queued for the matcher with what is kept of them.
pub(super) async fn search(worker: &Worker, payload: &serde_json::Value) -> Result<(), JobError> {
    let wanted: Wanted = serde_json::from_value(payload.clone()).map_err(|e| JobError::Fail(e.to_string()))?;
    worker.bank().await?.search(&worker.app, &worker.pool, &wanted).await?;
    Ok(())
}

#[derive(serde::Deserialize)]
struct Part {
    run: Uuid,
    n: i32,
}

/// Job `bank_chunk`: one part of a run. Done twice it does the same again.
pub(super) async fn chunk(worker: &Worker, payload: &serde_json::Value) -> Result<(), JobError> {
    let part: Part = serde_json::from_value(payload.clone()).map_err(|e| JobError::Fail(e.to_string()))?;
    let bank = worker.bank().await?;
    bank.catch_up(&worker.pool, worker.app.now()).await?;
    let mut tx = worker.pool.begin(Role::Kinship, &Scope::default()).await?;
    let pedigrees = kinship::chunk(&mut tx, part.run, part.n).await?;
    let Some(pedigrees) = pedigrees else { return Ok(tx.commit().await?) };
    let watched: HashSet<KinshipPair> = kinship::watched(&mut tx, &bank.cases_of(&pedigrees), &[]).await?.into_iter().collect();
    tx.commit().await?;
    let (results, pairs) = bank.weigh_pedigrees(&pedigrees, &watched);
    bank.keep(&worker.app, &worker.pool, &results).await?;
    let done = ChunkDone { run: part.run, n: part.n, worker: &worker.name, pairs, kept: i32::try_from(results.len()).unwrap_or(i32::MAX) };
    let mut tx = worker.pool.begin(Role::Kinship, &Scope::default()).await?;
    kinship::chunk_done(&mut tx, done, worker.app.now()).await?;
    Ok(tx.commit().await?)
}

//! Profiles: readings entered by analysts, what two of them agree on, and whether it may be searched. Nobody but geneticists sees a genotype.

use crate::app::App;
use crate::db::audit::{self, Event, Who};
use crate::db::forms::OnceKey;
use crate::db::profiles::{self, ProfileChange, ProfileRow, ReadingRow};
use crate::db::samples::{self, SampleRow};
use crate::db::{Role as DbRole, Scope, Tx, feed, found, persons, queue};
use crate::domain::actor::Actor;
use crate::domain::authority::Right;
use crate::domain::ids::{DonorId, FoundId, ProfileId, SampleId};
use crate::domain::person::Sex;
use crate::domain::sample::{Kin, SampleCommand, SampleSource, SampleState};
use crate::domain::violations::Violations;
use crate::genetics::loci;
use crate::genetics::pedigree::GeneticSex;
use crate::genetics::profile::{self, Agreed, Alleles, Flag, Mitochondrial, Profile};
use crate::services::ServiceError;
use crate::services::bank::seal::Key;
use crate::services::cases::next_folio;
use crate::services::once::{self, Done};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Loci at which a profile has to be one with that of staff for the sample to count as touched by them; one may differ.
const STAFF_LOCI: usize = 6;

/// The node's bank key.
///
/// # Errors
/// [`ServiceError::NoBank`].
pub(super) fn key(app: &App) -> Result<&Key, ServiceError> {
    app.bank_key.as_ref().ok_or(ServiceError::NoBank)
}

/// A transaction under the role that sees profiles.
pub(in crate::services) async fn begin(app: &App, actor: &Actor) -> Result<Tx, ServiceError> {
    actor.require(Right::Genetics)?;
    Ok(app.pool.begin(DbRole::Genetics, &Scope::from(actor)).await?)
}

/// One analyst's reading of a sample.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReading {
    /// The kit.
    pub kit: String,
    /// The laboratory.
    pub laboratory: String,
    /// Day of the run.
    pub run_on: NaiveDate,
    /// Alleles by locus: two of autosomal ones (one twice for a homozygote, one alone where its partner was not read), one at Y.
    pub loci: BTreeMap<String, Vec<String>>,
    /// Parts of mitochondrial DNA that were sequenced, first and last position of each.
    #[serde(default)]
    pub mitochondrial_ranges: Vec<(u32, u32)>,
    /// Differences there from the revised Cambridge reference sequence, as `263G`, `315.1C`, `523-`.
    #[serde(default)]
    pub mitochondrial_differences: Vec<String>,
}

impl NewReading {
    fn check(&self, today: NaiveDate, told: Option<GeneticSex>) -> Result<Profile, Violations> {
        let mut faults = Violations::default();
        for (pointer, text) in [("/kit", &self.kit), ("/laboratory", &self.laboratory)] {
            if text.trim().is_empty() {
                faults.add(pointer, "empty", "a reading names its kit and laboratory");
            }
            faults.check_text(pointer, text, 200);
        }
        if self.run_on > today {
            faults.add("/run_on", "future", "the day of the run lies in the future");
        }
        faults.check_day("/run_on", self.run_on);
        let mitochondrial = self.mitochondrial(&mut faults);
        let alleles = match profile::read(&self.loci, told) {
            Ok((alleles, _)) => alleles,
            Err(wrong) => {
                for fault in wrong {
                    let locus: String = fault.locus.chars().take(40).collect();
                    faults.add(&format!("/loci/{}", locus.replace('~', "~0").replace('/', "~1")), fault.code, fault.message);
                }
                Alleles::new()
            }
        };
        if alleles.is_empty() && mitochondrial.is_none() && faults.0.is_empty() {
            faults.add("/loci", "empty", "nothing was read at any locus");
        }
        faults.into_result()?;
        Ok(Profile { alleles, mitochondrial })
    }

    fn mitochondrial(&self, faults: &mut Violations) -> Option<Mitochondrial> {
        const LENGTH: u32 = 16_569;
        if self.mitochondrial_ranges.len() > 20 || self.mitochondrial_differences.len() > 200 {
            faults.add("/mitochondrial_differences", "too_many", "holds more than 20 parts or 200 differences");
            return None;
        }
        for (i, (from, to)) in self.mitochondrial_ranges.iter().enumerate() {
            if !(1 <= *from && from <= to && *to <= LENGTH) {
                faults.add(&format!("/mitochondrial_ranges/{i}"), "out_of_range", "lies outside positions 1 to 16569, or ends before it begins");
            }
        }
        for (i, difference) in self.mitochondrial_differences.iter().enumerate() {
            let digits = difference.chars().take_while(char::is_ascii_digit).count();
            let (position, rest) = difference.split_at(digits);
            let inside = |p: u32| self.mitochondrial_ranges.iter().any(|(from, to)| (*from..=*to).contains(&p));
            // An insertion has its number after the position.
            let bases = match rest.strip_prefix('.') {
                Some(inserted) => inserted.trim_start_matches(|c: char| c.is_ascii_digit()),
                None => rest,
            };
            let numbered = rest.strip_prefix('.').is_none_or(|inserted| inserted.len() > bases.len());
            let form = rest == "-" || (numbered && !bases.is_empty() && bases.chars().all(|c| "ACGTRYMKSWHBVDN".contains(c)));
            if !position.parse().is_ok_and(inside) || !form || difference.len() > 20 {
                faults.add(
                    &format!("/mitochondrial_differences/{i}"),
                    "form",
                    "a difference is a position within a sequenced part and a base, as 263G, 315.1C or 523-",
                );
            }
        }
        (!self.mitochondrial_ranges.is_empty())
            .then(|| Mitochondrial { ranges: self.mitochondrial_ranges.clone(), differences: self.mitochondrial_differences.clone() })
    }
}

/// Where a profile stands: what every geneticist hears after entering a reading. No genotype in it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ProfileStanding {
    /// Id.
    pub id: ProfileId,
    /// Code: apart from the sample's and the person's.
    pub code: String,
    /// draft, discordant, concordant, searchable, `not_searchable` or withdrawn.
    pub state: String,
    /// What to look at twice.
    pub flags: Vec<String>,
    /// Autosomal loci that two readings agree on.
    pub loci: i16,
    /// Loci that two readings tell differently.
    pub differing: Vec<String>,
    /// Loci that were read once.
    pub once: Vec<String>,
}

/// Enters one analyst's reading of a sample, once per key. Two analysts make a profile: what they tell alike. When it is fit and consent covers it, it is
/// searched at once.
///
/// # Errors
/// [`ServiceError::Invalid`] with every genotype that cannot be, and where no consent covers the donor; [`ServiceError::NotFound`];
/// [`ServiceError::Refused`] for a sample whose consent was withdrawn; [`ServiceError::NoBank`]; [`ServiceError::Reused`].
pub async fn enter(
    app: &App,
    actor: &Actor,
    sample: SampleId,
    once_key: Option<&OnceKey>,
    new: NewReading,
) -> Result<Done<ProfileStanding>, ServiceError> {
    let key = key(app)?;
    let mut tx = begin(app, actor).await?;
    let id = app.ids.next();
    if once::claim(&mut tx, app, actor, once_key, id).await?.is_some() {
        let profile = profiles::of_sample(&mut tx, sample).await?.ok_or(ServiceError::NotFound)?;
        let agreed = agreed(&mut tx, key, &profile).await?.0;
        return Ok(Done::again(standing(&profile, agreed)));
    }
    let entered = enter_in(&mut tx, app, actor, (id, sample), new, None).await?;
    tx.commit().await?;
    Ok(Done::first(entered))
}

/// Enters the readings of a file, all of them or none, with the file's SHA-256. Where a sample's reading is refused, the number of the reading is told.
///
/// # Errors
/// As [`enter`], with which one.
pub async fn enter_all(
    app: &App,
    actor: &Actor,
    readings: Vec<(SampleId, NewReading)>,
    digest: &[u8],
) -> Result<Vec<ProfileStanding>, (usize, ServiceError)> {
    let at_start = |e: ServiceError| (0, e);
    key(app).map_err(at_start)?;
    let mut tx = begin(app, actor).await.map_err(at_start)?;
    let mut standings = Vec::with_capacity(readings.len());
    for (n, (sample, new)) in readings.into_iter().enumerate() {
        let id = app.ids.next();
        standings.push(enter_in(&mut tx, app, actor, (id, sample), new, Some(digest)).await.map_err(|e| (n, e))?);
    }
    let last = standings.len().saturating_sub(1);
    tx.commit().await.map_err(|e| (last, e.into()))?;
    Ok(standings)
}

/// One reading within the caller's transaction.
async fn enter_in(
    tx: &mut Tx,
    app: &App,
    actor: &Actor,
    (id, sample): (Uuid, SampleId),
    new: NewReading,
    digest: Option<&[u8]>,
) -> Result<ProfileStanding, ServiceError> {
    let row = samples::get(tx, sample).await?;
    may_be_typed(tx, actor, &row).await?;
    let read = new.check(app.clock.today(), told_sex(tx, &row).await?)?;
    let profile = match profiles::of_sample(tx, sample).await? {
        Some(profile) if profile.state == "withdrawn" => {
            return Err(ServiceError::Refused("the consent for this sample was withdrawn; nothing is read of it any more".to_owned()));
        }
        Some(profile) => profile,
        None => {
            let profile = draft(tx, app, actor, &row).await?;
            profiles::insert(tx, &profile).await?;
            profile
        }
    };
    let reading = ReadingRow {
        id,
        authority_id: actor.authority.0,
        profile_id: profile.id,
        analyst: actor.user.0,
        kit: new.kit,
        laboratory: new.laboratory,
        run_on: new.run_on,
        content: key(app)?.seal(id, &read, &*app.random)?,
        file_digest: digest.map(<[u8]>::to_vec),
        at: app.now(),
    };
    profiles::insert_reading(tx, &reading).await?;
    let (profile, agreed) = settle(tx, app, &row, profile).await?;
    move_sample(tx, app, &row, &profile).await?;
    let event = Event::on("enter_reading", "profile", profile.id, actor.authority);
    audit::append(tx, &*app.ids, app.now(), &Who::from(actor), event).await?;
    announce(tx, &profile, &row).await?;
    Ok(standing(&profile, agreed))
}

/// Whether a sample may be typed here: it is usable, and a relative's consent covers this institution.
async fn may_be_typed(tx: &mut Tx, actor: &Actor, row: &SampleRow) -> Result<(), ServiceError> {
    if !row.state().is_usable() {
        return Err(ServiceError::Refused("the consent for this sample was withdrawn; nothing is read of it any more".to_owned()));
    }
    if matches!(
        row.state(),
        SampleState::Planned
            | SampleState::Consented
            | SampleState::InTransit
            | SampleState::Discrepancy
            | SampleState::RejectedAtReception
            | SampleState::Contaminated
            | SampleState::Mixture
    ) {
        return Err(ServiceError::Refused("the sample was not taken, not received, or is not fit to be typed".to_owned()));
    }
    if let Some(donor) = row.donor_id
        && !samples::donor_consents(tx, DonorId(donor), actor.authority).await?
    {
        let mut faults = Violations::default();
        faults.add("/sample", "no_consent", "no live consent of the donor covers this institution");
        return Err(faults.into());
    }
    Ok(())
}

/// The sex that is told of whom a sample is of.
async fn told_sex(tx: &mut Tx, row: &SampleRow) -> Result<Option<GeneticSex>, ServiceError> {
    if let Some(donor) = row.donor_id {
        let donor = samples::donor(tx, DonorId(donor)).await?;
        return Ok(match donor.sex.as_deref() {
            Some("female") => Some(GeneticSex::Female),
            Some("male") => Some(GeneticSex::Male),
            _ => None,
        });
    }
    let Some(record) = row.found_id else { return Ok(None) };
    let person = match found::get(tx, FoundId(record)).await {
        Ok(row) => row.person(),
        Err(crate::db::DbError::NotFound) => return Ok(None),
        Err(e) => return Err(e.into()),
    };
    Ok(match persons::get(tx, person).await?.1.sex {
        Some(Sex::Female) => Some(GeneticSex::Female),
        Some(Sex::Male) => Some(GeneticSex::Male),
        _ => None,
    })
}

async fn draft(tx: &mut Tx, app: &App, actor: &Actor, sample: &SampleRow) -> Result<ProfileRow, ServiceError> {
    let now = app.now();
    Ok(ProfileRow {
        id: app.ids.next(),
        authority_id: actor.authority.0,
        code: next_folio(tx, actor.authority, "P", now.year()).await?.to_string(),
        sample_id: sample.id,
        state: "draft".to_owned(),
        flags: Vec::new(),
        loci: 0,
        content: None,
        fingerprint: None,
        rev: 0,
        created_at: now,
        updated_at: now,
    })
}

/// What the readings of a profile agree on, each analyst's last one counting, and how many analysts there are.
async fn agreed(tx: &mut Tx, key: &Key, profile: &ProfileRow) -> Result<(Agreed, usize, Option<Mitochondrial>), ServiceError> {
    let mut by_analyst: BTreeMap<Uuid, Profile> = BTreeMap::new();
    for reading in profiles::readings(tx, ProfileId(profile.id)).await? {
        by_analyst.insert(reading.analyst, key.open(reading.id, &reading.content)?);
    }
    let read: Vec<&Alleles> = by_analyst.values().map(|p| &p.alleles).collect();
    let sequenced: Vec<&Mitochondrial> = by_analyst.values().filter_map(|p| p.mitochondrial.as_ref()).collect();
    let twice = sequenced.iter().enumerate().find(|(at, m)| sequenced[at + 1..].contains(m));
    let mitochondrial = twice.map(|(_, m)| (*m).clone());
    Ok((profile::agree(&read), by_analyst.len(), mitochondrial))
}

/// Brings a profile up to its readings: state, flags, sealed content.
async fn settle(tx: &mut Tx, app: &App, sample: &SampleRow, mut profile: ProfileRow) -> Result<(ProfileRow, Agreed), ServiceError> {
    let key = key(app)?;
    let (agreed, analysts, mitochondrial) = agreed(tx, key, &profile).await?;
    let content = Profile { alleles: agreed.alleles.clone(), mitochondrial };
    let told = told_sex(tx, sample).await?;
    let mut flags: BTreeSet<Flag> = profile::read(&content.alleles, told).map(|(_, flags)| flags).unwrap_or_default();
    let loci = profile::autosomal(&content.alleles);
    if loci < app.settings.genetics.fewest_markers {
        flags.insert(Flag::Partial);
    }
    let fingerprint = if content.alleles.is_empty() { None } else { Some(key.fingerprint(&content.alleles)?.to_vec()) };
    if let Some(fingerprint) = &fingerprint
        && !profiles::same_fingerprint(tx, fingerprint, ProfileId(profile.id)).await?.is_empty()
    {
        flags.insert(Flag::Duplicate);
    }
    let of_staff = sample.source == SampleSource::Staff.as_str();
    if !of_staff && is_of_staff(tx, key, &content.alleles).await? {
        flags.insert(Flag::StaffMatch);
    }
    let state = match analysts {
        0 | 1 => "draft",
        _ if !agreed.differing.is_empty() => "discordant",
        _ if of_staff || flags.iter().any(|f| f.keeps_out()) => "not_searchable",
        _ => "searchable",
    };
    let change = ProfileChange {
        state: state.to_owned(),
        flags: if analysts < 2 { Vec::new() } else { flags.iter().map(|f| f.as_str().to_owned()).collect() },
        loci: i16::try_from(loci).unwrap_or(i16::MAX),
        content: if analysts < 2 { None } else { Some(key.seal(profile.id, &content, &*app.random)?) },
        fingerprint,
    };
    profiles::change(tx, ProfileId(profile.id), &change, app.now()).await?;
    ProfileChange { state: profile.state, flags: profile.flags, loci: profile.loci, .. } = change;
    profile.rev += 1;
    Ok((profile, agreed))
}

/// Whether somebody of staff is likelier to have been read than the sample.
async fn is_of_staff(tx: &mut Tx, key: &Key, alleles: &Alleles) -> Result<bool, ServiceError> {
    for (id, content) in profiles::of_staff(tx).await? {
        let staff: Profile = key.open(id, &content)?;
        let (shared, different) = profile::compared(alleles, &staff.alleles);
        if shared >= STAFF_LOCI && different <= 1 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Moves the sample along with its profile, as far as its state allows.
async fn move_sample(tx: &mut Tx, app: &App, row: &SampleRow, profile: &ProfileRow) -> Result<(), ServiceError> {
    let commands: &[SampleCommand] = match profile.state.as_str() {
        "searchable" => &[SampleCommand::Type, SampleCommand::ReviewProfile, SampleCommand::Bank],
        "not_searchable" => &[SampleCommand::Type, SampleCommand::ReviewProfile],
        _ => &[SampleCommand::Type],
    };
    let state: SampleState = commands.iter().fold(row.state(), |state, command| state.after(*command).unwrap_or(state));
    if state != row.state() && !samples::set_state(tx, SampleId(row.id), row.rev, state, app.now()).await? {
        return Err(ServiceError::Stale(row.rev));
    }
    Ok(())
}

/// Puts what follows from a changed profile in its transaction: the change feed and the search.
async fn announce(tx: &mut Tx, profile: &ProfileRow, sample: &SampleRow) -> Result<(), ServiceError> {
    feed::append(tx, "profile", &[profile.id]).await?;
    let founds: Vec<Uuid> = sample.found_id.into_iter().collect();
    let donors: Vec<Uuid> = sample.donor_id.into_iter().collect();
    if profile.state == "draft" || (founds.is_empty() && donors.is_empty() && sample.case_id.is_none()) {
        return Ok(());
    }
    let payload = serde_json::json!({ "profiles": [profile.id], "founds": founds, "donors": donors });
    queue::enqueue(tx, "search_bank", payload, None, 20).await?;
    Ok(())
}

fn standing(profile: &ProfileRow, agreed: Agreed) -> ProfileStanding {
    ProfileStanding {
        id: ProfileId(profile.id),
        code: profile.code.clone(),
        state: profile.state.clone(),
        flags: profile.flags.clone(),
        loci: profile.loci,
        differing: agreed.differing,
        once: agreed.once,
    }
}

/// One reading as it is kept.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ReadingView {
    /// Who read.
    pub analyst: Uuid,
    /// The kit.
    pub kit: String,
    /// The laboratory.
    pub laboratory: String,
    /// Day of the run.
    pub run_on: NaiveDate,
    /// When it was entered.
    pub at: DateTime<Utc>,
    /// Alleles by locus.
    pub loci: Alleles,
}

/// A profile with its readings: for geneticists alone.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ProfileView {
    /// Where it stands.
    pub standing: ProfileStanding,
    /// What two readings agree on.
    pub loci: Alleles,
    /// Mitochondrial ranges, if two readings agree on them.
    pub mitochondrial_ranges: Vec<(u32, u32)>,
    /// And differences.
    pub mitochondrial_differences: Vec<String>,
    /// The readings, in the order they came.
    pub readings: Vec<ReadingView>,
    /// Readings of others that are kept back until the asking analyst has entered one: the second is made without knowing the first.
    pub held_back: usize,
}

/// Reads the profile of a sample, audited. A draft's reading is shown to whoever entered it; whoever has not read reads blind.
///
/// # Errors
/// [`ServiceError::Forbidden`] for anybody but geneticists; [`ServiceError::NotFound`]; [`ServiceError::NoBank`].
pub async fn read(app: &App, actor: &Actor, sample: SampleId) -> Result<ProfileView, ServiceError> {
    let mut tx = begin(app, actor).await?;
    let row = profiles::of_sample(&mut tx, sample).await?.ok_or(ServiceError::NotFound)?;
    let view = view(&mut tx, app, actor, &row).await?;
    tx.commit().await?;
    Ok(view)
}

async fn view(tx: &mut Tx, app: &App, actor: &Actor, row: &ProfileRow) -> Result<ProfileView, ServiceError> {
    let key = key(app)?;
    let (agreed, _, mitochondrial) = agreed(tx, key, row).await?;
    let entered = profiles::readings(tx, ProfileId(row.id)).await?;
    // Who reads after a disagreement reads blind as well.
    let mine = entered.iter().any(|r| r.analyst == actor.user.0);
    let blind = row.state == "draft" || (row.state == "discordant" && !mine);
    let mut readings = Vec::new();
    let mut held_back = 0;
    for reading in entered {
        if blind && reading.analyst != actor.user.0 {
            held_back += 1;
            continue;
        }
        let content: Profile = key.open(reading.id, &reading.content)?;
        readings.push(ReadingView {
            analyst: reading.analyst,
            kit: reading.kit,
            laboratory: reading.laboratory,
            run_on: reading.run_on,
            at: reading.at,
            loci: content.alleles,
        });
    }
    audit::append(tx, &*app.ids, app.now(), &Who::from(actor), Event::on("read", "profile", row.id, actor.authority)).await?;
    let loci = agreed.alleles.clone();
    let Mitochondrial { ranges, differences } = mitochondrial.unwrap_or_default();
    let mut standing = standing(row, agreed);
    if held_back > 0 {
        standing.once.clear();
    }
    Ok(ProfileView { standing, loci, mitochondrial_ranges: ranges, mitochondrial_differences: differences, readings, held_back })
}

/// What the page on which readings are entered begins with.
#[derive(Debug, Clone)]
pub struct ProfileSheet {
    /// The sample's code.
    pub code: String,
    /// Whom it is of.
    pub source: String,
    /// How the sample is.
    pub sample_state: String,
    /// Whether it may be read: its consent was not withdrawn.
    pub usable: bool,
    /// The profile, as far as the asking analyst may see it; none before the first reading.
    pub profile: Option<ProfileView>,
}

/// Reads a sample for the entry of a reading, audited.
///
/// # Errors
/// [`ServiceError::Forbidden`] for anybody but geneticists; [`ServiceError::NotFound`]; [`ServiceError::NoBank`].
pub async fn sheet(app: &App, actor: &Actor, sample: SampleId) -> Result<ProfileSheet, ServiceError> {
    actor.require(Right::Genetics)?;
    key(app)?;
    let mut tx = begin(app, actor).await?;
    let row = samples::get(&mut tx, sample).await?;
    let profile = match profiles::of_sample(&mut tx, sample).await? {
        Some(profile) => Some(view(&mut tx, app, actor, &profile).await?),
        None => None,
    };
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), Event::on("read", "sample", sample, row.owner())).await?;
    tx.commit().await?;
    let state = row.state();
    Ok(ProfileSheet { code: row.code, source: row.source, sample_state: state.as_str().to_owned(), usable: state.is_usable(), profile })
}

/// A locus of the grid in which a reading is entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GridLocus {
    /// Its name.
    pub name: &'static str,
    /// Part of the grid.
    pub part: GridPart,
    /// Alleles that are read of one person there.
    pub alleles: usize,
}

/// A part of the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GridPart {
    /// The sex marker and the two autosomal alleles of everybody.
    Autosomal,
    /// Y loci of the autosomal kits.
    Y,
    /// Further Y loci.
    MoreY,
}

/// The grid in which a reading is entered, in the order it is read: the loci of the usual kits of 20 to 27 loci, then those of a Y kit.
#[must_use]
pub fn grid() -> Vec<GridLocus> {
    let of = |kits: &[&str]| -> Vec<&'static str> {
        let mut names = Vec::new();
        for name in kits.iter().filter_map(|k| loci::kit(k)).flat_map(|k| k.loci) {
            if !names.contains(name) {
                names.push(*name);
            }
        }
        names
    };
    let kind = |name: &str| loci::find(name).map(|l| l.kind);
    let (usual, y) = (of(&["PowerPlex Fusion 6C", "GlobalFiler"]), of(&["Yfiler"]));
    let is_y = |name: &&str| kind(name) == Some(loci::Kind::Y);
    let mut grid: Vec<GridLocus> = usual
        .iter()
        .filter(|name| !is_y(name))
        .chain(&["D6S1043"])
        .map(|name| GridLocus { name, part: GridPart::Autosomal, alleles: 2 })
        .collect();
    grid.extend(usual.iter().filter(|name| is_y(name)).map(|name| GridLocus { name, part: GridPart::Y, alleles: 1 }));
    let more = y.iter().filter(|name| !usual.contains(name));
    grid.extend(more.map(|name| GridLocus { name, part: GridPart::MoreY, alleles: if *name == "DYS385" { 2 } else { 1 } }));
    grid
}

/// Kits that are known by name.
#[must_use]
pub fn kits() -> Vec<&'static str> {
    loci::KITS.iter().map(|k| k.name).filter(|name| !name.starts_with("CODIS")).collect()
}

/// A profile as it leaves the bank: under codes.
#[derive(Clone)]
pub struct ExportedProfile {
    /// The profile's code.
    pub code: String,
    /// Whom it is of: relative, `direct_reference`, remains or staff.
    pub source: String,
    /// Of a relative: what they are to the missing person.
    pub relation: Option<Kin>,
    /// The kit of its last reading.
    pub kit: String,
    /// Who read last.
    pub analyst: Uuid,
    /// When that was entered.
    pub read_at: DateTime<Utc>,
    /// What two readings agree on.
    pub loci: Alleles,
}

/// Every profile of the institution that is searched, audited as an export.
///
/// # Errors
/// [`ServiceError::Forbidden`] for anybody but geneticists; [`ServiceError::NoBank`].
pub async fn export(app: &App, actor: &Actor) -> Result<Vec<ExportedProfile>, ServiceError> {
    let mut tx = begin(app, actor).await?;
    let key = key(app)?;
    let mut out = Vec::new();
    let mut ids = Vec::new();
    for row in profiles::searchable(&mut tx).await? {
        let (Some(content), Some(last)) = (&row.content, profiles::readings(&mut tx, ProfileId(row.id)).await?.pop()) else { continue };
        let sample = samples::get(&mut tx, SampleId(row.sample_id)).await?;
        let relation = match sample.donor_id {
            Some(donor) => samples::donor(&mut tx, DonorId(donor)).await?.relation.parse().ok(),
            None => None,
        };
        let profile: Profile = key.open(row.id, content)?;
        ids.push(row.id);
        out.push(ExportedProfile {
            code: row.code,
            source: sample.source,
            relation,
            kit: last.kit,
            analyst: last.analyst,
            read_at: last.at,
            loci: profile.alleles,
        });
    }
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), Event::on_many("export", "profile", ids, Some(actor.authority))).await?;
    tx.commit().await?;
    Ok(out)
}

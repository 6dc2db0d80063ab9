//! `demo`: a private database, an invented world, real routes and incidents, linked and served by one command.

use super::serve::{start_node, worker};
use super::{Out, demo_bank, demo_identification};
use crate::app::{App, Random, SystemRandom};
use crate::cluster::{APP_ROLE, Cluster, Options as ClusterOptions};
use crate::config::{LogFormat, Settings};
use crate::db::hypotheses::{HypothesisLine, QueueFilter, StoredEvidence};
use crate::db::migrate;
use crate::db::places::PlaceRow;
use crate::domain::actor::Actor;
use crate::domain::authority::{AuthorityKind, Purpose, Role};
use crate::domain::disclosure::Category;
use crate::domain::ids::{AuthorityId, CaseId};
use crate::domain::person::search_form;
use crate::interop::import::{ImportOptions, OnFault};
use crate::interop::{cases as case_files, gazetteer, mmp, records as record_files, register};
use crate::lifecycle::{GRACE, Lifecycle};
use crate::services::admin::{self, NewAgreement, NewAuthority, NewGrant, NewUser};
use crate::services::cases::{ConsentForm, ConsentGrant, NewCase};
use crate::services::found::NewFound;
use crate::services::{association, bulk, cases, hypotheses, layers};
use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};
use std::collections::HashMap;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

const CASES: &[u8] = include_bytes!("../../config/demo/corpus-1k/cases.csv");
const RECORDS: &[u8] = include_bytes!("../../config/demo/corpus-1k/records.csv");
const INCIDENTS: &[u8] = include_bytes!("../../config/demo/mmp-americas-2014-2022.csv.gz");
const GAZETTEER: &[u8] = include_bytes!("../../config/demo/gazetteer.csv.gz");
/// One password for every account of the demonstration, whose persons are all invented.
const PASSWORD: &str = "demostracion-ficticia";
/// The loading is complete when the last agreement is there.
const DONE_MARK: &str = "DEMO-COMPLETE";

/// Options of `demo`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Exit after the report.
    #[arg(long)]
    once: bool,
    /// Where the private cluster lives.
    #[arg(long, value_name = "DIR", default_value = ".rastro")]
    data: PathBuf,
    /// Port to serve on; 0 for any that is free.
    #[arg(long, default_value_t = 8080)]
    port: u16,
}

struct Stage {
    name: &'static str,
    took: Duration,
}

#[derive(Default)]
struct Report {
    stages: Vec<Stage>,
}

impl Report {
    fn bar(&self, name: &'static str, len: usize) -> ProgressBar {
        let style = ProgressStyle::with_template("{msg:<28} {bar:32} {pos}/{len}").unwrap_or_else(|_| ProgressStyle::default_bar());
        ProgressBar::new(len as u64).with_style(style).with_message(name)
    }

    fn done(&mut self, name: &'static str, detail: String, since: Instant, bar: &ProgressBar) {
        bar.finish_and_clear();
        let took = since.elapsed();
        Out.line(format!("  {name:<26} {detail:<58} {:>7.2} s", took.as_secs_f64()));
        self.stages.push(Stage { name, took });
    }

    fn seconds(&self, name: &str) -> f64 {
        self.stages.iter().find(|s| s.name == name).map_or(0.0, |s| s.took.as_secs_f64())
    }
}

struct World {
    authorities: HashMap<&'static str, AuthorityId>,
}

impl World {
    fn id(&self, code: &str) -> anyhow::Result<AuthorityId> {
        self.authorities.get(code).copied().with_context(|| format!("the demonstration has no authority {code}"))
    }
}

type AuthorityPlan = (&'static str, &'static str, &'static str, AuthorityKind, Option<&'static str>);

const AUTHORITIES: [AuthorityPlan; 10] = [
    ("CBHN", "Comisión de Búsqueda de Honduras (ficticia)", "HND", AuthorityKind::SearchCommission, None),
    ("CBGT", "Comisión de Búsqueda de Guatemala (ficticia)", "GTM", AuthorityKind::SearchCommission, None),
    ("CBMX", "Comisión de Búsqueda de México (ficticia)", "MEX", AuthorityKind::SearchCommission, None),
    ("BFMX", "Banco Forense de México (ficticio)", "MEX", AuthorityKind::ForensicBank, None),
    ("BFAZ", "Arizona Forensic Bank (invented)", "USA", AuthorityKind::ForensicBank, None),
    ("CHNM", "Consulado de Honduras en Monterrey (ficticio)", "MEX", AuthorityKind::Consulate, Some("HND")),
    ("CGTA", "Consulado de Guatemala en Tucson (ficticio)", "USA", AuthorityKind::Consulate, Some("GTM")),
    ("DPAZ", "Arizona Public Defender (invented)", "USA", AuthorityKind::PublicDefender, None),
    ("HOCH", "Hospital de Chiapas (ficticio)", "MEX", AuthorityKind::Hospital, None),
    ("AFHN", "Comité de Familias de Honduras (ficticio)", "HND", AuthorityKind::Association, None),
];

type AccountPlan = (&'static str, &'static str, &'static str, &'static [Role]);

/// At least one account per role; of an institution, the first acts in the loading.
const ACCOUNTS: [AccountPlan; 14] = [
    ("CBHN", "comision@honduras.invalid", "Marta Ficticia", &[Role::SearchOfficer, Role::Reviewer]),
    ("CBGT", "comision@guatemala.invalid", "Tomás Ficticio", &[Role::SearchOfficer, Role::Reviewer]),
    ("CBMX", "comision@mexico.invalid", "Lucía Ficticia", &[Role::SearchOfficer, Role::Reviewer, Role::ForensicOfficer]),
    ("BFMX", "banco@mexico.invalid", "Dr. Raúl Ficticio", &[Role::ForensicOfficer, Role::Reviewer]),
    ("BFAZ", "bank@arizona.invalid", "Dr. Ann Invented", &[Role::ForensicOfficer, Role::Reviewer]),
    ("CHNM", "consulado@honduras.invalid", "Elena Ficticia", &[Role::ConsularOfficer]),
    ("CGTA", "consulado@guatemala.invalid", "Pedro Ficticio", &[Role::ConsularOfficer]),
    ("DPAZ", "defender@arizona.invalid", "Joan Invented", &[Role::PublicDefender]),
    ("HOCH", "hospital@chiapas.invalid", "Rosa Ficticia", &[Role::ForensicOfficer]),
    ("AFHN", "comite@familias.invalid", "Ana Ficticia", &[Role::AssociationMember]),
    ("CBHN", "admin@honduras.invalid", "Iván Ficticio", &[Role::Administrator]),
    ("BFMX", "genetica@mexico.invalid", "Dra. Nora Ficticia", &[Role::Geneticist]),
    ("BFMX", "laboratorio@mexico.invalid", "Sara Ficticia", &[Role::Geneticist]),
    ("BFAZ", "genetics@arizona.invalid", "Dr. Lee Invented", &[Role::Geneticist]),
];

/// `rastro demo`.
///
/// # Errors
/// With what to do about it.
pub async fn run(mut settings: Settings, options: Options) -> anyhow::Result<ExitCode> {
    if settings.log.format == LogFormat::Text {
        "warn".clone_into(&mut settings.log.filter);
    }
    crate::telemetry::start(&settings.log)?;
    let all = Instant::now();
    let life = Lifecycle::start(GRACE)?;
    let mut report = Report::default();
    Out.line("Rastro: demonstration. Every person in it is invented; the routes and incidents are real.");

    let since = Instant::now();
    let bar = report.bar("private database", 1);
    let cluster = Cluster::start(&options.data, ClusterOptions::default()).await?;
    let name = cluster.database().to_owned();
    report.done("private database", if cluster.adopted() { "adopted a running server".into() } else { "started".into() }, since, &bar);

    let outcome = load_and_serve(&cluster, &name, &mut settings, &options, &life, &mut report, all).await;
    // The cluster is stopped cleanly whatever happened.
    cluster.stop().await?;
    outcome
}

async fn load_and_serve(
    cluster: &Cluster,
    name: &str,
    settings: &mut Settings,
    options: &Options,
    life: &Lifecycle,
    report: &mut Report,
    all: Instant,
) -> anyhow::Result<ExitCode> {
    let since = Instant::now();
    let bar = report.bar("migrations", 1);
    let ran = migrate::run(&cluster.owner_url(name), APP_ROLE).await?;
    report.done("migrations", if ran.is_empty() { "up to date".into() } else { format!("{} run", ran.len()) }, since, &bar);

    settings.database.url.0 = cluster.app_url(name);
    let listener = if options.once {
        None
    } else {
        let address = (settings.http.host.clone(), options.port);
        Some(TcpListener::bind(&address).with_context(|| format!("cannot listen on port {}; choose another with --port", options.port))?)
    };
    settings.http.port = listener.as_ref().map_or(Ok(options.port), |l| l.local_addr().map(|address| address.port()))?;
    settings.http.public_url = format!("http://{}:{}", settings.http.host, settings.http.port);
    if settings.keys.token_key.as_os_str().is_empty() {
        settings.keys.token_key = token_key(&options.data)?;
    }
    if settings.keys.bank_key.as_os_str().is_empty() {
        settings.keys.bank_key = bank_key(&options.data)?;
    }
    let app = Arc::new(App::from_settings(settings.clone())?);
    let soft = life.soft();
    tokio::select! {
        loaded = load(&app, report) => loaded?,
        () = soft.cancelled() => {
            Out.line("stopped; the next start goes on from here");
            return Ok(ExitCode::SUCCESS);
        }
    }
    print_report(&app, report, all).await?;
    print_client(&app, &options.data).await?;
    let Some(listener) = listener else { return Ok(ExitCode::SUCCESS) };
    let worker = worker(&app).await?;
    start_node(app, life, Some(listener), Some(worker)).await?;
    Out.line(format!("\nOpen {} (Ctrl-C stops).", settings.http.public_url));
    Ok(life.ended().await.exit_code())
}

async fn load(app: &Arc<App>, report: &mut Report) -> anyhow::Result<()> {
    if app_has_mark(app).await? {
        Out.line("  the demonstration is loaded already");
        return Ok(());
    }
    let since = Instant::now();
    let bar = report.bar("authorities", AUTHORITIES.len() + ACCOUNTS.len());
    let world = authorities(app, &bar).await?;
    agreements(app, &world).await?;
    // New agreements have the parties' cases compared; now, while there are none, rather than all of them twice.
    worker(app).await?.run_until_empty().await?;
    let detail = format!("{} authorities, {} accounts, agreements between them", AUTHORITIES.len(), ACCOUNTS.len());
    report.done("authorities", detail, since, &bar);

    let since = Instant::now();
    let bar = report.bar("corridors", 1);
    let (routes, edges, stops) = layers::put_corridors(app).await?;
    report.done("corridors", format!("{routes} routes over {edges} edges, {stops} stops"), since, &bar);

    let since = Instant::now();
    let bar = report.bar("gazetteer", 1);
    let places = read_gazetteer()?;
    layers::add_places(app, &places).await?;
    report.done("gazetteer", format!("{} places", places.len()), since, &bar);

    let since = Instant::now();
    let bar = report.bar("incidents", 1);
    let mut file = mmp::open(INCIDENTS, options(app))?;
    let mut incidents = Vec::new();
    for row in file.by_ref() {
        if let Some(row) = row?.row {
            incidents.push(register::incident(&row, app.ids.next(), app.now()));
        }
    }
    let kept = layers::add_incidents(app, &incidents).await?;
    report.done("incidents", format!("{kept} published incidents of the Americas, 2014-2022 (IOM)"), since, &bar);

    load_persons(app, &world, report).await?;
    link(app, report).await?;
    bank(app, &world, report).await?;
    finish(app, &world).await
}

fn options(app: &App) -> ImportOptions {
    ImportOptions { on_fault: OnFault::DropValue, ..ImportOptions::new(app.clock.today()) }
}

fn read_gazetteer() -> anyhow::Result<Vec<PlaceRow>> {
    let (gazetteer, _) = gazetteer::Gazetteer::read(GAZETTEER)?;
    Ok(gazetteer
        .places()
        .iter()
        .map(|p| PlaceRow {
            id: p.geonameid,
            name: p.name.clone(),
            norm: search_form(&p.name),
            country: p.country.to_owned(),
            admin1: Some(p.admin1.clone()).filter(|a| !a.is_empty()),
            lat: p.lat,
            lon: p.lon,
            population: i64::try_from(p.population).unwrap_or(i64::MAX),
        })
        .collect())
}

async fn authorities(app: &App, bar: &ProgressBar) -> anyhow::Result<World> {
    let mut world = World { authorities: HashMap::new() };
    for (code, name, country, kind, represents) in AUTHORITIES {
        let new = NewAuthority {
            code: code.to_owned(),
            name: name.to_owned(),
            country: country.to_owned(),
            kind,
            represents: represents.map(str::to_owned),
            phone: Some("+000 0000 0000".to_owned()),
        };
        world.authorities.insert(code, admin::put_authority(app, &new).await?);
        bar.inc(1);
    }
    for (code, email, name, roles) in ACCOUNTS {
        if admin::find_user(app, email).await?.is_none() {
            let new = NewUser {
                authority: world.id(code)?,
                email: email.to_owned(),
                name: name.to_owned(),
                roles: roles.to_vec(),
                password: PASSWORD.to_owned(),
                language: if name.contains("Invented") { "en" } else { "es" }.to_owned(),
                phone: Some("+000 0000 0001".to_owned()),
            };
            admin::add_user(app, new).await?;
        }
        bar.inc(1);
    }
    Ok(world)
}

/// Every commission with every bank, hospital, commission, consulate and defender.
async fn agreements(app: &App, world: &World) -> anyhow::Result<()> {
    use Category::{Circumstances, Description, Health, Identity};
    let mut grants = Vec::new();
    for (from, .., from_kind, _) in AUTHORITIES {
        for (to, .., to_kind, _) in AUTHORITIES {
            let commission = |k: AuthorityKind| k == AuthorityKind::SearchCommission;
            if from == to
                || !(commission(from_kind) || commission(to_kind))
                || AuthorityKind::Association == from_kind
                || AuthorityKind::Association == to_kind
            {
                continue;
            }
            for purpose in [Purpose::Search, Purpose::Identification, Purpose::ConsularAssistance, Purpose::LegalDefence] {
                for subject_kind in ["case", "found_record"] {
                    let categories = vec![Identity, Description, Circumstances, Health, Category::Identifiers];
                    grants.push(NewGrant { from: world.id(from)?, to: world.id(to)?, purpose, subject_kind, categories });
                }
            }
        }
    }
    let new = NewAgreement {
        code: "DEMO".to_owned(),
        name: "Convenio ficticio de búsqueda transnacional".to_owned(),
        legal_basis: "Demostración; no es un convenio real".to_owned(),
        valid_from: chrono::NaiveDate::MIN.max(app.clock.today() - chrono::Duration::days(365)),
        valid_to: None,
        grants,
    };
    match admin::add_agreement(app, &new).await {
        Ok(_) | Err(crate::services::ServiceError::Taken(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn consent(purposes: &[Purpose], recipients: &[AuthorityKind]) -> ConsentForm {
    use Category::{Circumstances, Description, Health, Identifiers, Identity};
    ConsentForm {
        grants: recipients
            .iter()
            .flat_map(|recipient| {
                purposes.iter().map(|purpose| ConsentGrant {
                    purpose: *purpose,
                    recipient: *recipient,
                    categories: vec![Identity, Description, Circumstances, Health, Identifiers],
                })
            })
            .collect(),
        language: "es".to_owned(),
        explained_by: "Personal de la comisión (ficticio)".to_owned(),
        granted_by: "familia".to_owned(),
        form_version: "demo-1".to_owned(),
    }
}

/// The first account of an authority.
async fn actor(app: &App, code: &str, world: &World) -> anyhow::Result<Actor> {
    let (_, email, ..) = ACCOUNTS.iter().find(|a| a.0 == code).with_context(|| format!("the demonstration has no account at {code}"))?;
    account_of(app, email, world).await
}

async fn account_of(app: &App, email: &str, world: &World) -> anyhow::Result<Actor> {
    let (code, _, _, roles) = ACCOUNTS.iter().find(|a| a.1 == email).with_context(|| format!("the demonstration has no account {email}"))?;
    let user = admin::find_user(app, email).await?.context("an account of the demonstration is missing")?;
    Ok(Actor { authority: world.id(code)?, user, roles: roles.to_vec(), purpose: Purpose::Search, via_api: false })
}

async fn load_persons(app: &App, world: &World, report: &mut Report) -> anyhow::Result<()> {
    let since = Instant::now();
    let mut by_owner: HashMap<&'static str, Vec<NewCase>> = HashMap::new();
    for row in case_files::open(CASES, options(app))? {
        let Some(row) = row?.row else { continue };
        let owner = match row.source.country.or(row.person.nationalities.first().copied()) {
            Some("HND") => "CBHN",
            Some("GTM") => "CBGT",
            _ => "CBMX",
        };
        let mut new = register::new_case(&row, "DEMO");
        new.consent = Some(consent(
            &[Purpose::Search, Purpose::Identification, Purpose::ConsularAssistance],
            &[AuthorityKind::SearchCommission, AuthorityKind::ForensicBank, AuthorityKind::Hospital, AuthorityKind::Consulate],
        ));
        by_owner.entry(owner).or_default().push(new);
    }
    let total: usize = by_owner.values().map(Vec::len).sum();
    let bar = report.bar("cases", total);
    for code in ["CBHN", "CBGT", "CBMX"] {
        let actor = actor(app, code, world).await?;
        let new = missing_cases(app, &actor, by_owner.remove(code).unwrap_or_default()).await?;
        let at = bar.position();
        bulk::register_cases(app, &actor, &new, &|n| bar.set_position(at + n as u64)).await?;
    }
    report.done("cases", format!("{total} cases of 3 commissions"), since, &bar);

    let since = Instant::now();
    let mut by_owner: HashMap<&'static str, Vec<NewFound>> = HashMap::new();
    let mut faulty = 0;
    for row in record_files::open(RECORDS, options(app))? {
        let Some(row) = row?.row else { continue };
        let Some(mut new) = register::new_found(&row, "DEMO") else { continue };
        let owner = match (new.kind.is_remains(), row.source.country) {
            (true, Some("USA")) => "BFAZ",
            (true, _) => "BFMX",
            (false, _) if new.kind == crate::domain::found::FoundKind::Hospital => "HOCH",
            (false, _) => "CBMX",
        };
        if !new.kind.is_remains() {
            new.consent = Some(consent(&[Purpose::Search], &[AuthorityKind::SearchCommission]));
        }
        if new.check(app.clock.today()).is_err() {
            faulty += 1;
            continue;
        }
        by_owner.entry(owner).or_default().push(new);
    }
    let total: usize = by_owner.values().map(Vec::len).sum();
    let bar = report.bar("found records", total);
    for code in ["BFMX", "BFAZ", "HOCH", "CBMX"] {
        let actor = actor(app, code, world).await?;
        let new = missing_found(app, &actor, by_owner.remove(code).unwrap_or_default()).await?;
        let at = bar.position();
        bulk::register_found(app, &actor, &new, &|n| bar.set_position(at + n as u64)).await?;
    }
    report.done("found records", format!("{total} records of 4 authorities, {faulty} refused as faulty"), since, &bar);
    Ok(())
}

/// What an interrupted start has not registered yet.
async fn missing_cases(app: &App, actor: &Actor, new: Vec<NewCase>) -> anyhow::Result<Vec<NewCase>> {
    let there = bulk::external_ids(app, actor, "case").await?;
    Ok(new.into_iter().filter(|n| n.external_id.as_ref().is_none_or(|id| !there.contains(id))).collect())
}

async fn missing_found(app: &App, actor: &Actor, new: Vec<NewFound>) -> anyhow::Result<Vec<NewFound>> {
    let there = bulk::external_ids(app, actor, "found_record").await?;
    Ok(new.into_iter().filter(|n| n.external_id.as_ref().is_none_or(|id| !there.contains(id))).collect())
}

async fn link(app: &Arc<App>, report: &mut Report) -> anyhow::Result<()> {
    let since = Instant::now();
    let bar = report.bar("linking", 1);
    let worker = worker(app).await?;
    let (cases, found) = worker.matcher.size();
    worker.run_until_empty().await?;
    let done = worker.matcher.totals();
    let detail = format!(
        "{cases} cases, {found} records: {} pairs considered, each from both sides; {} hypotheses, {} possible duplicates kept",
        done.considered / 2,
        done.proposed,
        done.duplicates
    );
    report.done("linking", detail, since, &bar);
    Ok(())
}

/// Families and remains in the Mexican bank, compared at once.
async fn bank(app: &Arc<App>, world: &World, report: &mut Report) -> anyhow::Result<()> {
    let since = Instant::now();
    let bar = report.bar("forensic bank", 1);
    let account = async |email: &str| account_of(app, email, world).await;
    let staff = demo_bank::Staff {
        keeper: account("banco@mexico.invalid").await?,
        analysts: [account("genetica@mexico.invalid").await?, account("laboratorio@mexico.invalid").await?],
        officers: vec![
            account("comision@honduras.invalid").await?,
            account("comision@guatemala.invalid").await?,
            account("comision@mexico.invalid").await?,
        ],
    };
    let (families, samples) = demo_bank::fill(app, &staff).await?;
    worker(app).await?.run_until_empty().await?;
    report.done("forensic bank", format!("{families} families and {samples} samples, each read by two analysts"), since, &bar);

    let since = Instant::now();
    let bar = report.bar("identification", 1);
    let there = demo_identification::fill(app, &staff.officers, &staff.keeper).await?;
    let detail = if there { "one waits for its two signatures" } else { "no pair is clear enough" };
    report.done("identification", detail.to_owned(), since, &bar);
    Ok(())
}

/// A family with a key and an association with mandates; then the mark that everything is there.
async fn finish(app: &App, world: &World) -> anyhow::Result<()> {
    let commission = actor(app, "CBHN", world).await?;
    let lines = cases::list(app, &commission, &crate::db::cases::CaseFilter::default(), None, 5).await?;
    for (line, days) in lines.iter().zip(7i64..) {
        let next = app.clock.today() + chrono::Duration::days(days);
        association::mandate(app, &commission, CaseId(line.id), world.id("AFHN")?, Some(next)).await?;
    }
    let mark = NewAgreement {
        code: DONE_MARK.to_owned(),
        name: "Demonstration loaded".to_owned(),
        legal_basis: "none".to_owned(),
        valid_from: app.clock.today(),
        valid_to: None,
        grants: Vec::new(),
    };
    admin::add_agreement(app, &mark).await?;
    Ok(())
}

async fn app_has_mark(app: &App) -> anyhow::Result<bool> {
    Ok(admin::agreements(app).await?.iter().any(|a| a.code == DONE_MARK))
}

async fn print_report(app: &App, report: &Report, all: Instant) -> anyhow::Result<()> {
    let mut world = World { authorities: HashMap::new() };
    for (code, ..) in AUTHORITIES {
        if let Some(a) = admin::authorities(app).await?.into_iter().find(|a| a.code == code) {
            world.authorities.insert(code, AuthorityId(a.id));
        }
    }
    if report.seconds("linking") > 0.0 {
        Out.line(format!("\nLinking took {:.2} s; everything {:.1} s.", report.seconds("linking"), all.elapsed().as_secs_f64()));
    }
    Out.line("\nThe five strongest hypotheses of the Honduran commission (a score ranks work; it identifies nobody):");
    let commission = actor(app, "CBHN", &world).await?;
    for line in hypotheses::list(app, &commission, &QueueFilter::default(), None, 5).await? {
        Out.line(format!("  {}", in_words(&line)));
    }
    let lines = cases::list(app, &commission, &crate::db::cases::CaseFilter::default(), None, 1).await?;
    Out.line("\nAccounts (password for all: demostracion-ficticia):");
    for (code, email, _, roles) in ACCOUNTS {
        Out.line(format!("  {email:<30} {code:<5} {}", roles.iter().map(|r| r.as_str()).collect::<Vec<_>>().join(", ")));
    }
    if let Some(line) = lines.first() {
        let pin = cases::renew_pin(app, &commission, CaseId(line.id)).await?;
        Out.line(format!("  family: folio {} with PIN {pin} (a new PIN at every start)", line.folio));
    }
    Ok(())
}

/// A file of ours that nobody else reads.
fn write_secret(path: &std::path::Path, text: &str) -> anyhow::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    std::io::Write::write_all(&mut file, text.as_bytes()).with_context(|| format!("cannot write {}", path.display()))
}

/// The key that signs the demonstration's API tokens, made once.
fn token_key(data: &std::path::Path) -> anyhow::Result<PathBuf> {
    use ed25519_dalek::pkcs8::EncodePrivateKey;
    let path = data.join("token.pem");
    if !path.exists() {
        let mut seed = [0u8; 32];
        SystemRandom.fill(&mut seed);
        let pem = ed25519_dalek::SigningKey::from_bytes(&seed).to_pkcs8_pem(ed25519_dalek::pkcs8::spki::der::pem::LineEnding::LF)?;
        write_secret(&path, &pem)?;
    }
    Ok(path)
}

/// The key that seals the demonstration's profiles, made once.
fn bank_key(data: &std::path::Path) -> anyhow::Result<PathBuf> {
    let path = data.join("bank.key");
    if !path.exists() {
        let mut key = [0u8; 32];
        SystemRandom.fill(&mut key);
        write_secret(&path, &hex::encode(key))?;
    }
    Ok(path)
}

/// Says how to ask the API: a client of the Honduran commission, made once, its secret in a file beside the database.
async fn print_client(app: &App, data: &std::path::Path) -> anyhow::Result<()> {
    let path = data.join("api-client.txt");
    if !path.exists() {
        let commission = admin::authorities(app).await?.into_iter().find(|a| a.code == "CBHN").context("the commission is not there")?;
        let users = admin::users(app, AuthorityId(commission.id)).await?;
        let officer = users.iter().find(|u| u.email == "comision@honduras.invalid").context("the commission's account is not there")?;
        let client = admin::add_client(app, crate::domain::ids::UserId(officer.id), "demonstration").await?;
        write_secret(&path, &format!("client_id {}\nclient_secret {}\n", client.id, client.secret))?;
    }
    Out.line(format!("  API: client_id and client_secret in {} (docs/api.md says how to ask)", path.display()));
    Ok(())
}

fn in_words(line: &HypothesisLine) -> String {
    let evidence: Vec<StoredEvidence> = serde_json::from_value(line.evidence.clone()).unwrap_or_default();
    let mut speaking: Vec<&StoredEvidence> = evidence.iter().filter(|e| e.log10_lr > 0.3 && e.field != "dependence").collect();
    speaking.sort_by(|a, b| b.log10_lr.total_cmp(&a.log10_lr));
    let words = speaking.iter().take(4).map(|e| format!("{} {} ({:+.1})", e.field, e.comparison, e.log10_lr)).collect::<Vec<_>>().join(", ");
    format!(
        "{} and {} ({}): {}, log10 odds {:+.2}: {words}",
        line.case_folio.as_deref().unwrap_or("-"),
        line.found_folio.as_deref().unwrap_or("-"),
        line.found_kind.as_deref().unwrap_or("-"),
        line.band,
        line.log10_odds
    )
}

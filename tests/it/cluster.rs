//! The private cluster for real: first and later starts, kills on both sides, two at once, awkward folders.

use rastro::cluster::{Cluster, ClusterError, Durability, Options};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Tells the helper process its folder.
const HELPER_DIR: &str = "TEST_CLUSTER_DIR";

/// A folder that goes with the test, and with it whatever the cluster put elsewhere.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("rastro-test-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::DirBuilder::new().mode(0o755).create(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// For tests that do not look at durability.
fn quick() -> Options {
    Options { durability: Durability::Volatile, max_connections: 20, stop_on_drop: true, ..Options::default() }
}

/// For tests that kill the server.
fn safe() -> Options {
    Options { durability: Durability::Safe, ..quick() }
}

async fn sql(url: &str, statement: &str) -> Result<Option<String>, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
    let work = async move {
        let messages = client.simple_query(statement).await;
        drop(client);
        messages
    };
    let (messages, _) = tokio::join!(work, connection);
    Ok(messages?.iter().find_map(|message| match message {
        tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    }))
}

async fn value(url: &str, question: &str) -> String {
    sql(url, question).await.unwrap().unwrap_or_default()
}

fn kill(pid: u32) {
    assert!(Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap().success());
}

fn alive(pid: u32) -> bool {
    let state = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // A zombie has ended; nobody has asked for its exit code yet.
    !state.is_empty() && !state.contains(") Z ")
}

fn am_root() -> bool {
    std::fs::metadata("/proc/self").unwrap().uid() == 0
}

/// A process of its own that starts the cluster of `dir` and holds it until it is killed.
fn helper(dir: &Path) -> Child {
    let exe = std::env::current_exe().unwrap();
    let mut command = Command::new(exe);
    command.args(["--ignored", "--exact", "cluster::helper_holds_a_cluster"]).env(HELPER_DIR, dir);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

async fn helper_is_up(dir: &Path) {
    while !dir.join("up").exists() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
#[ignore = "run by other tests in a process of its own, to be killed"]
async fn helper_holds_a_cluster() {
    #[expect(clippy::disallowed_methods, reason = "the only way to tell a test process something")]
    let dir = PathBuf::from(std::env::var(HELPER_DIR).unwrap());
    let cluster = Cluster::start(&dir, safe()).await.unwrap();
    sql(&cluster.owner_url("rastro"), "CREATE TABLE kept AS SELECT 1 AS n").await.unwrap();
    // Whole at once: who waits for the file reads it as soon as it is there.
    std::fs::write(dir.join("up.part"), cluster.server_pid().to_string()).unwrap();
    std::fs::rename(dir.join("up.part"), dir.join("up")).unwrap();
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn a_cluster_serves_owner_and_application_on_a_private_socket_only() {
    let folder = Folder::new();
    let cluster = Cluster::start(&folder.0, quick()).await.unwrap();
    let (owner, app) = (cluster.owner_url("rastro"), cluster.app_url("rastro"));
    sql(&owner, "CREATE TABLE secret AS SELECT 1 AS n").await.unwrap();
    assert!(sql(&app, "SELECT * FROM secret").await.is_err(), "the application's role has no rights of its own");
    assert!(sql(&owner.replacen("rastro_owner:", "rastro_owner:x", 1), "SELECT 1").await.is_err());
    assert_eq!(value(&app, "SHOW listen_addresses").await, "");
    assert_eq!(value(&app, "SHOW server_encoding").await, "UTF8");
    assert_eq!(value(&app, "SELECT upper('ñandú')").await, "ÑANDÚ");
    assert_eq!(value(&app, "SHOW data_checksums").await, "on");
    let powers = "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'rastro%' AND (rolsuper OR rolbypassrls OR rolreplication)";
    assert_eq!(value(&app, powers).await, "0");
    assert_eq!(std::fs::metadata(folder.0.join("cluster.secrets")).unwrap().permissions().mode() & 0o777, 0o600);
    let socket = std::fs::metadata(cluster.socket_dir()).unwrap();
    assert_eq!(socket.permissions().mode() & 0o777, 0o700);
    if am_root() {
        assert_ne!(socket.uid(), 0, "the server runs as an unprivileged user");
    }
    let (pid, socket) = (cluster.server_pid(), cluster.socket_dir().to_owned());
    cluster.stop().await.unwrap();
    assert!(!alive(pid));
    assert!(!socket.exists(), "a clean stop leaves no socket folder");
}

#[tokio::test]
async fn a_second_start_finds_what_the_first_one_kept() {
    let folder = Folder::new();
    let cluster = Cluster::start(&folder.0, quick()).await.unwrap();
    sql(&cluster.owner_url("rastro"), "CREATE TABLE kept AS SELECT 42 AS n").await.unwrap();
    cluster.stop().await.unwrap();
    let cluster = Cluster::start(&folder.0, quick()).await.unwrap();
    assert!(!cluster.adopted());
    assert_eq!(value(&cluster.owner_url("rastro"), "SELECT n FROM kept").await, "42");
}

#[tokio::test]
async fn a_killed_server_recovers_what_was_committed() {
    let folder = Folder::new();
    let cluster = Cluster::start(&folder.0, safe()).await.unwrap();
    sql(&cluster.owner_url("rastro"), "CREATE TABLE kept AS SELECT generate_series(1, 5000) AS n").await.unwrap();
    let killed = cluster.server_pid();
    kill(killed);
    drop(cluster);
    let cluster = Cluster::start(&folder.0, safe()).await.unwrap();
    assert_ne!(cluster.server_pid(), killed);
    assert_eq!(value(&cluster.owner_url("rastro"), "SELECT count(*) FROM kept").await, "5000");
}

#[tokio::test]
async fn a_killed_process_leaves_a_server_that_the_next_start_adopts() {
    let folder = Folder::new();
    let mut held = helper(&folder.0);
    helper_is_up(&folder.0).await;
    let busy = Cluster::start(&folder.0, safe()).await;
    assert!(matches!(&busy, Err(ClusterError::Busy { holder, .. }) if *holder == held.id().to_string()), "{busy:?}");
    held.kill().unwrap();
    held.wait().unwrap();
    let cluster = Cluster::start(&folder.0, safe()).await.unwrap();
    assert!(cluster.adopted());
    assert_eq!(cluster.server_pid().to_string(), std::fs::read_to_string(folder.0.join("up")).unwrap());
    assert_eq!(value(&cluster.owner_url("rastro"), "SELECT n FROM kept").await, "1");
}

#[tokio::test]
async fn a_kill_of_process_and_server_together_is_recovered() {
    let folder = Folder::new();
    let mut held = helper(&folder.0);
    helper_is_up(&folder.0).await;
    let server = std::fs::read_to_string(folder.0.join("up")).unwrap().parse().unwrap();
    kill(server);
    held.kill().unwrap();
    held.wait().unwrap();
    let cluster = Cluster::start(&folder.0, safe()).await.unwrap();
    assert!(!cluster.adopted());
    assert_eq!(value(&cluster.owner_url("rastro"), "SELECT n FROM kept").await, "1");
}

#[tokio::test]
async fn a_process_killed_during_its_first_start_leaves_a_folder_that_starts() {
    let folder = Folder::new();
    // Killed at different moments of initdb, start and the making of roles.
    for moment in [20, 150, 400, 700, 1000, 1300] {
        let mut held = helper(&folder.0);
        tokio::time::sleep(Duration::from_millis(moment)).await;
        held.kill().unwrap();
        held.wait().unwrap();
    }
    let cluster = Cluster::start(&folder.0, safe()).await.unwrap();
    assert_eq!(value(&cluster.app_url("rastro"), "SELECT current_user").await, "rastro_app");
}

#[tokio::test]
async fn a_folder_made_but_not_yet_given_to_the_servers_user_is_started() {
    let folder = Folder::new();
    std::fs::create_dir(folder.0.join("postgres")).unwrap();
    std::fs::set_permissions(folder.0.join("postgres"), std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let cluster = Cluster::start(&folder.0, quick()).await.unwrap();
    assert_eq!(value(&cluster.app_url("rastro"), "SELECT current_user").await, "rastro_app");
}

#[tokio::test]
async fn a_stale_process_file_whose_number_went_to_another_process_is_cleared() {
    let folder = Folder::new();
    let cluster = Cluster::start(&folder.0, quick()).await.unwrap();
    let stale = cluster.data_dir().join("postmaster.pid");
    let text = std::fs::read_to_string(&stale).unwrap();
    let other = text.replacen(&cluster.server_pid().to_string(), &std::process::id().to_string(), 1);
    cluster.stop().await.unwrap();
    std::fs::write(&stale, other).unwrap();
    let cluster = Cluster::start(&folder.0, quick()).await.unwrap();
    assert!(!cluster.adopted());
}

#[tokio::test]
async fn a_server_whose_socket_was_cleared_away_is_replaced() {
    let folder = Folder::new();
    let mut held = helper(&folder.0);
    helper_is_up(&folder.0).await;
    held.kill().unwrap();
    held.wait().unwrap();
    let record = std::fs::read_to_string(folder.0.join("cluster.toml")).unwrap();
    let socket = record.lines().find_map(|line| line.strip_prefix("socket = ")).unwrap().trim_matches('"');
    std::fs::remove_dir_all(socket).unwrap();
    let cluster = Cluster::start(&folder.0, safe()).await.unwrap();
    assert!(!cluster.adopted());
    assert_eq!(value(&cluster.owner_url("rastro"), "SELECT n FROM kept").await, "1");
}

#[tokio::test]
async fn a_folder_in_use_names_the_process_that_has_it() {
    let folder = Folder::new();
    let _first = Cluster::start(&folder.0, quick()).await.unwrap();
    let second = Cluster::start(&folder.0, quick()).await.unwrap_err();
    let text = second.to_string();
    assert!(text.contains(&std::process::id().to_string()) && text.contains("--data"), "{text}");
}

#[tokio::test]
async fn clusters_of_two_folders_run_side_by_side() {
    let (one, two) = (Folder::new(), Folder::new());
    let (one, two) = tokio::join!(Cluster::start(&one.0, quick()), Cluster::start(&two.0, quick()));
    assert_ne!(one.unwrap().server_pid(), two.unwrap().server_pid());
}

#[tokio::test]
async fn joiners_share_one_server() {
    let folder = Folder::new();
    let options = Options { stop_on_drop: false, ..quick() };
    let (one, two) = tokio::join!(Cluster::join(&folder.0, options.clone()), Cluster::join(&folder.0, options));
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!(one.server_pid(), two.server_pid());
    drop(two);
    assert_eq!(value(&one.app_url("rastro"), "SELECT 1").await, "1");
    one.stop().await.unwrap();
}

#[tokio::test]
async fn a_deep_folder_with_awkward_letters_works() {
    let folder = Folder::new();
    let deep = folder.0.join("ñandú $(false) \"quoted\" 'too'; #x").join("a".repeat(150));
    let cluster = Cluster::start(&deep, quick()).await.unwrap();
    assert!(cluster.socket_dir().as_os_str().len() < 60);
    assert_eq!(value(&cluster.app_url("rastro"), "SELECT 1").await, "1");
}

#[tokio::test]
async fn a_folder_that_the_servers_user_cannot_enter_has_its_data_elsewhere() {
    if !am_root() {
        return; // Only root runs the server as another user.
    }
    let folder = Folder::new();
    let closed = folder.0.join("closed");
    std::fs::DirBuilder::new().mode(0o700).create(&closed).unwrap();
    let dir = closed.join("data");
    let cluster = Cluster::start(&dir, quick()).await.unwrap();
    let home = cluster.data_dir().parent().unwrap().to_owned();
    assert!(home.starts_with("/var/lib/rastro"), "{}", home.display());
    sql(&cluster.owner_url("rastro"), "CREATE TABLE kept AS SELECT 7 AS n").await.unwrap();
    cluster.stop().await.unwrap();
    let cluster = Cluster::start(&dir, quick()).await.unwrap();
    assert_eq!(value(&cluster.owner_url("rastro"), "SELECT n FROM kept").await, "7");
    cluster.stop().await.unwrap();
    std::fs::remove_dir_all(home).unwrap();
}

#[tokio::test]
async fn lost_passwords_are_named_and_no_data_are_touched() {
    let folder = Folder::new();
    let cluster = Cluster::start(&folder.0, quick()).await.unwrap();
    let data = cluster.data_dir();
    cluster.stop().await.unwrap();
    std::fs::remove_file(folder.0.join("cluster.secrets")).unwrap();
    let error = Cluster::start(&folder.0, quick()).await.unwrap_err();
    assert!(error.to_string().contains("cluster.secrets"), "{error}");
    assert!(data.join("PG_VERSION").exists());
}

#[tokio::test]
async fn databases_are_cloned_listed_and_dropped() {
    let folder = Folder::new();
    let cluster = Cluster::start(&folder.0, quick()).await.unwrap();
    sql(&cluster.owner_url("rastro"), "CREATE TABLE kept AS SELECT 3 AS n").await.unwrap();
    cluster.clone_database("rastro", "t_one").await.unwrap();
    cluster.ensure_database("t_two").await.unwrap();
    cluster.ensure_database("t_two").await.unwrap();
    assert_eq!(value(&cluster.owner_url("t_one"), "SELECT n FROM kept").await, "3");
    assert_eq!(cluster.databases("t_").await.unwrap(), ["t_one", "t_two"]);
    cluster.drop_database("t_one").await.unwrap();
    cluster.drop_database("t_one").await.unwrap();
    assert_eq!(cluster.databases("t_").await.unwrap(), ["t_two"]);
    let refused = cluster.ensure_database("x; DROP DATABASE rastro").await;
    assert!(matches!(refused, Err(ClusterError::DatabaseName { .. })), "{refused:?}");
}

//! Runs the server's own commands: `initdb`, `pg_ctl start`, `pg_ctl stop`; and finds a server that already runs.

use super::install::Installation;
use super::place::{Place, ServerUser};
use super::record::random_hex;
use super::{ClusterError, Durability, Options};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::OpenOptions;
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

/// How long a start may take (a recovery is part of it) and a stop.
const START_SECONDS: &str = "300";
const STOP_SECONDS: &str = "60";
/// How long processes of a killed server may take to end; they notice within a second.
const ORPHANS_END: Duration = Duration::from_secs(15);
const POLL: Duration = Duration::from_millis(50);
/// A longer log is set aside at the next start.
const LOG_LIMIT: u64 = 10 * 1024 * 1024;
/// How much of the end of the log an error quotes.
const LOG_TAIL: i64 = 2_000;

/// The process id of a `postmaster.pid` that a crash left empty; no process has it.
const UNREADABLE: u32 = 0;

/// A server that takes connections.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) pid: u32,
    pub(super) port: u16,
    pub(super) socket: PathBuf,
}

/// One cluster's server: binaries, user, place.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) installation: Installation,
    pub(super) user: ServerUser,
    pub(super) place: Place,
}

/// What `postmaster.pid` says (its lines: process, data folder, start time, port, socket folder, address, memory key, status).
struct PidFile {
    pid: u32,
    port: Option<u16>,
    socket: Option<PathBuf>,
    status: String,
}

impl Server {
    /// A server command in the cluster's own folder, where relative names need no quoting for the shells that `pg_ctl` starts.
    fn command(&self, name: &str) -> std::process::Command {
        let mut command = self.user.command(self.installation.bin.join(name), &self.place.home);
        command.stdin(Stdio::null());
        command
    }

    /// Makes the data folder when there is none: UTF-8, code-point order, checksums, passwords only. Whole or not at all.
    pub(super) async fn initialise(&self, password: &str, durability: Durability) -> Result<(), ClusterError> {
        let data = self.place.data();
        if data.exists() {
            return Ok(());
        }
        self.remove_unfinished();
        let unfinished = format!("unfinished-{}", random_hex(4)?);
        let password_file = format!("{unfinished}.password");
        let password_path = self.place.home.join(&password_file);
        let write = || {
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&password_path)?;
            self.user.give(&file)?;
            file.write_all(password.as_bytes())
        };
        write().map_err(ClusterError::file("write", &password_path))?;
        let mut initdb = self.command("initdb");
        initdb.args(["--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums", "--auth=scram-sha-256", "--username=postgres"]);
        initdb.args(["--no-instructions", &format!("--pwfile={password_file}"), &format!("--pgdata={unfinished}")]);
        if durability == Durability::Volatile {
            initdb.arg("--no-sync");
        }
        let done = run("initdb", initdb).await;
        let _ = std::fs::remove_file(&password_path);
        let done = done?;
        if !done.status.success() {
            return Err(failed("initdb", &done, ""));
        }
        std::fs::rename(self.place.home.join(&unfinished), &data).map_err(ClusterError::file("make", &data))
    }

    /// What an `initdb` left that was killed.
    fn remove_unfinished(&self) {
        let Ok(entries) = std::fs::read_dir(&self.place.home) else { return };
        for entry in entries.flatten() {
            if entry.file_name().as_bytes().starts_with(b"unfinished-") {
                let _ = std::fs::remove_dir_all(entry.path()).or_else(|_| std::fs::remove_file(entry.path()));
            }
        }
    }

    /// The server that runs on the data folder, if one does. Waits for one that is starting, stopping or being ended, and clears away
    /// what only looks like one.
    pub(super) async fn running(&self) -> Result<Option<Running>, ClusterError> {
        let since = Instant::now();
        loop {
            let Some(pid_file) = self.pid_file()? else { return Ok(None) };
            let inside = self.processes().await?;
            let alive = inside.contains(&pid_file.pid);
            match (pid_file.port, &pid_file.socket) {
                (Some(port), Some(socket)) if alive && pid_file.status == "ready" => {
                    if socket.join(format!(".s.PGSQL.{port}")).exists() {
                        return Ok(Some(Running { pid: pid_file.pid, port, socket: socket.clone() }));
                    }
                    // Someone cleared the folder of sockets away: nobody can reach this server again.
                    self.stop_command().await?;
                    return Ok(None);
                }
                _ => {}
            }
            if inside.is_empty() {
                self.clear_stale_pid_file(&pid_file)?;
                return Ok(None);
            }
            if !alive && since.elapsed() > ORPHANS_END {
                let pids = inside.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
                return Err(ClusterError::Orphans { data: self.place.data(), pids });
            }
            if since.elapsed() > Duration::from_secs(300) {
                let output = format!("its server is '{}' for five minutes; {}", pid_file.status, self.log_tail());
                return Err(ClusterError::Command { command: "waiting for the running server".to_owned(), output });
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Nobody works in the data folder. PostgreSQL clears the file of a server that is gone away itself, unless a crash left it unfinished,
    /// or its number belongs to another process by now, or to one that has ended and that nobody has asked for its exit code.
    fn clear_stale_pid_file(&self, pid_file: &PidFile) -> Result<(), ClusterError> {
        if pid_file.pid == UNREADABLE || Path::new("/proc").join(pid_file.pid.to_string()).exists() {
            let stale = self.place.data().join("postmaster.pid");
            std::fs::remove_file(&stale).map_err(ClusterError::file("remove", &stale))?;
        }
        Ok(())
    }

    fn pid_file(&self) -> Result<Option<PidFile>, ClusterError> {
        let path = self.place.data().join("postmaster.pid");
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(ClusterError::File { action: "read", path, source }),
        };
        Ok(Some(parse_pid_file(&text)))
    }

    /// The processes that work in the data folder: the server and all its children do. Asked as the server's user, because root in a
    /// container may not look at another user's processes.
    async fn processes(&self) -> Result<BTreeSet<u32>, ClusterError> {
        let data = self.place.data();
        let data = std::fs::canonicalize(&data).map_err(ClusterError::file("resolve", &data))?;
        let mut find = self.user.command("find", Path::new("/"));
        find.stdin(Stdio::null()).args(["/proc", "-maxdepth", "2", "-name", "cwd", "-printf", "%h\\t%l\\0"]);
        // It fails on processes of others and on those that end meanwhile; what it printed counts, and itself is always among it.
        let output = run("find /proc", find).await?;
        if output.stdout.is_empty() {
            return Err(failed("find /proc", &output, "the processes cannot be seen; is /proc mounted?"));
        }
        Ok(output.stdout.split(|&b| b == 0).filter_map(|entry| process_in(entry, &data)).collect())
    }

    /// Starts the server and waits until it takes connections.
    pub(super) async fn start(&mut self, options: &Options) -> Result<Running, ClusterError> {
        let socket = self.place.socket_dir(&self.user)?;
        // Nobody works in the data folder, so these are what a killed server left; its number may be another process's by now.
        for name in [".s.PGSQL.5432", ".s.PGSQL.5432.lock"] {
            let _ = std::fs::remove_file(socket.join(name));
        }
        self.set_long_log_aside();
        let mut start = self.command("pg_ctl");
        start.args(["start", "-D", "data", "-l", "server.log", "-w", "-s", "-t", START_SECONDS, "-o"]);
        start.arg(settings(options, &socket));
        let done = run("pg_ctl start", start).await?;
        if !done.status.success() {
            return Err(failed("pg_ctl start", &done, &self.log_tail()));
        }
        let running = self.running().await?;
        running.ok_or_else(|| ClusterError::Command { command: "pg_ctl start".to_owned(), output: self.log_tail() })
    }

    /// Ends all connections and stops the server, if one runs.
    pub(super) async fn stop(&self) -> Result<(), ClusterError> {
        if self.running().await?.is_some() { self.stop_command().await } else { Ok(()) }
    }

    async fn stop_command(&self) -> Result<(), ClusterError> {
        let mut fast = self.command("pg_ctl");
        fast.args(["stop", "-D", "data", "-m", "fast", "-w", "-s", "-t", STOP_SECONDS]);
        let done = run("pg_ctl stop", fast).await?;
        if done.status.success() {
            return Ok(());
        }
        let mut immediate = self.command("pg_ctl");
        immediate.args(["stop", "-D", "data", "-m", "immediate", "-w", "-s", "-t", STOP_SECONDS]);
        let done = run("pg_ctl stop", immediate).await?;
        if done.status.success() { Ok(()) } else { Err(failed("pg_ctl stop", &done, &self.log_tail())) }
    }

    /// Stops the server without a runtime.
    pub(super) fn stop_at_once(&self) {
        let mut stop = self.command("pg_ctl");
        stop.args(["stop", "-D", "data", "-m", "fast", "-w", "-s", "-t", "20"]).stdout(Stdio::null()).stderr(Stdio::null());
        if let Err(error) = stop.status() {
            tracing::warn!(%error, "the private database server could not be stopped");
        }
    }

    fn set_long_log_aside(&self) {
        let log = self.place.home.join("server.log");
        if std::fs::metadata(&log).is_ok_and(|m| m.len() > LOG_LIMIT) {
            let _ = std::fs::rename(&log, self.place.home.join("server.log.1"));
        }
    }

    fn log_tail(&self) -> String {
        let read = || {
            let mut file = std::fs::File::open(self.place.home.join("server.log"))?;
            let _ = file.seek(SeekFrom::End(-LOG_TAIL)).or_else(|_| file.rewind().map(|()| 0))?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            Ok::<_, std::io::Error>(String::from_utf8_lossy(&bytes).trim().to_owned())
        };
        read().unwrap_or_default()
    }
}

/// The server's settings, as words for `pg_ctl -o`. All values are ours and free of blanks and quotes.
fn settings(options: &Options, socket: &Path) -> String {
    let mut words = vec![
        "listen_addresses=".to_owned(),
        format!("unix_socket_directories={}", socket.display()),
        "unix_socket_permissions=0700".to_owned(),
        "port=5432".to_owned(),
        format!("max_connections={}", options.max_connections),
        "shared_buffers=256MB".to_owned(),
        "max_wal_size=2GB".to_owned(),
        "timezone=UTC".to_owned(),
        "log_timezone=UTC".to_owned(),
        // Plans of short queries are not worth compiling.
        "jit=off".to_owned(),
        // A statement or the detail of an error may name a person; the log must not.
        "log_min_error_statement=panic".to_owned(),
        "log_parameter_max_length_on_error=0".to_owned(),
        "log_error_verbosity=terse".to_owned(),
    ];
    if options.durability == Durability::Volatile {
        words.extend(["fsync=off", "synchronous_commit=off", "full_page_writes=off"].map(str::to_owned));
    }
    words.iter().map(|word| format!("-c {word}")).collect::<Vec<_>>().join(" ")
}

/// The process of one `find` entry `/proc/ID<tab>FOLDER` whose folder is `data`.
fn process_in(entry: &[u8], data: &Path) -> Option<u32> {
    let tab = entry.iter().position(|&b| b == b'\t')?;
    let (process, folder) = entry.split_at(tab);
    if OsStr::from_bytes(folder.get(1..)?) != data.as_os_str() {
        return None;
    }
    std::str::from_utf8(process.strip_prefix(b"/proc/")?).ok()?.parse().ok()
}

fn parse_pid_file(text: &str) -> PidFile {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let line = |n: usize| lines.get(n).copied().filter(|l| !l.is_empty());
    PidFile {
        pid: line(0).and_then(|l| l.parse().ok()).unwrap_or(UNREADABLE),
        port: line(3).and_then(|l| l.parse().ok()),
        socket: line(4).map(PathBuf::from),
        status: line(7).unwrap_or("starting").to_owned(),
    }
}

async fn run(name: &str, command: std::process::Command) -> Result<Output, ClusterError> {
    let output = tokio::process::Command::from(command).output().await;
    output.map_err(|source| ClusterError::Spawn { command: name.to_owned(), source })
}

fn failed(name: &str, output: &Output, log: &str) -> ClusterError {
    let said = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).trim().to_owned());
    let said = [said.as_slice(), &[log.to_owned()]].concat().into_iter().filter(|s| !s.is_empty()).collect::<Vec<_>>().join("\n");
    ClusterError::Command { command: name.to_owned(), output: said }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pid_file_gives_process_port_socket_and_status() {
        let text = "4711\n/srv/data\n1700000000\n5432\n/tmp/rastro-1\n\n  1234567    32768\nready   \n";
        let read = parse_pid_file(text);
        assert_eq!((read.pid, read.port, read.status.as_str()), (4711, Some(5432), "ready"));
        assert_eq!(read.socket.as_deref(), Some(Path::new("/tmp/rastro-1")));
    }

    #[test]
    fn a_pid_file_of_a_server_that_is_only_starting_has_no_port() {
        let read = parse_pid_file("4711\n/srv/data\n1700000000\n");
        assert_eq!((read.pid, read.port, read.status.as_str()), (4711, None, "starting"));
        assert_eq!(parse_pid_file("").pid, UNREADABLE);
    }

    #[test]
    fn only_processes_in_exactly_the_data_folder_count() {
        let data = Path::new("/srv/a b/data");
        assert_eq!(process_in(b"/proc/12\t/srv/a b/data", data), Some(12));
        assert_eq!(process_in(b"/proc/12\t/srv/a b/data2", data), None);
        assert_eq!(process_in(b"/proc/self\t/srv/a b/data", data), None);
        assert_eq!(process_in(b"", data), None);
    }

    #[test]
    fn durability_is_given_up_only_when_asked() {
        let safe = settings(&Options::default(), Path::new("/tmp/x"));
        let volatile = settings(&Options { durability: Durability::Volatile, ..Options::default() }, Path::new("/tmp/x"));
        assert!(!safe.contains("fsync"));
        assert!(volatile.contains("-c fsync=off"));
        assert!(safe.contains("-c listen_addresses= "), "no TCP in either: {safe}");
    }
}

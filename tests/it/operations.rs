//! What an operator relies on: a backup that can be restored, with every row and every rule.

use crate::support::{TestNode, consent_to, person};
use rastro::cluster::{APP_ROLE, Cluster, Options};
use rastro::db::migrate;
use rastro::domain::authority::{AuthorityKind, Role};
use std::collections::BTreeMap;
use std::path::Path;
use tokio::process::Command;

async fn script(name: &str, bin: &Path, variable: &str, url: &str, argument: &Path) -> String {
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let output = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts").join(name))
        .arg(argument)
        .env("PATH", path)
        .env(variable, url)
        .output()
        .await
        .unwrap();
    assert!(output.status.success(), "scripts/{name}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Rows of every table, and the rules: policies, owners of functions and views, grants.
async fn inventory(url: &str) -> (BTreeMap<String, i64>, Vec<String>) {
    let client = rastro::db::tx::connect(url, "test", &tokio::runtime::Handle::current()).await.unwrap();
    let mut rows = BTreeMap::new();
    for table in
        client.query("SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace", &[]).await.unwrap()
    {
        let table: String = table.get(0);
        let n: i64 = client.query_one(&format!("SELECT count(*) FROM \"{table}\""), &[]).await.unwrap().get(0);
        rows.insert(table, n);
    }
    let rules = client
        .query(
            "SELECT format('%s %s %s %s %s', tablename, policyname, roles, qual, with_check) FROM pg_policies WHERE schemaname = 'public' \
             UNION ALL SELECT format('%s owned by %s, definer %s', p.oid::regprocedure, p.proowner::regrole, p.prosecdef) FROM pg_proc p \
                        WHERE p.pronamespace = 'public'::regnamespace \
             UNION ALL SELECT format('%s owned by %s, forced %s', c.relname, c.relowner::regrole, c.relforcerowsecurity) FROM pg_class c \
                        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v') \
             UNION ALL SELECT format('%s may %s %s', grantee, privilege_type, table_name) FROM information_schema.role_table_grants \
                        WHERE table_schema = 'public' \
             UNION ALL SELECT format('trigger %s on %s', tgname, tgrelid::regclass) FROM pg_trigger WHERE NOT tgisinternal \
             ORDER BY 1",
            &[],
        )
        .await
        .unwrap();
    (rows, rules.iter().map(|r| r.get(0)).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_restored_into_a_new_server_holds_every_row_and_every_rule() {
    let node = TestNode::start().await;
    let commission = node.authority("CBHN", "HND", AuthorityKind::SearchCommission).await;
    let bank = node.authority("BFMX", "MEX", AuthorityKind::ForensicBank).await;
    node.agreement(commission, bank).await;
    let officer = node.user(commission, "officer", &[Role::SearchOfficer]).await;
    let doctor = node.user(bank, "doctor", &[Role::ForensicOfficer]).await;
    node.case(&officer, person("Ana", "Prueba", "Inventada"), Some(consent_to(&[AuthorityKind::ForensicBank]))).await;
    node.remains(&doctor, person("Ana", "Prueba", "Inventada")).await;
    node.work().await;

    let folder = std::env::temp_dir().join(format!("rastro-restore-{}", uuid::Uuid::now_v7().simple()));
    let (shared, _) = crate::support::shared_cluster().await;
    let backup = script("backup", shared.bin_dir(), "DATABASE_BACKUP_URL", &node.superuser_url, &folder.join("backups")).await;

    let options = Options { database: "rastro".to_owned(), ..Options::default() };
    let other = Cluster::start(&folder.join("server"), options).await.unwrap();
    // As the documentation says: an empty database that the superuser made, which is not the owner's yet.
    let superuser = rastro::db::tx::connect(&other.superuser_url("rastro"), "test", &tokio::runtime::Handle::current()).await.unwrap();
    superuser.batch_execute("CREATE DATABASE restored").await.unwrap();
    let url = other.superuser_url("restored");
    script("restore", other.bin_dir(), "DATABASE_SUPERUSER_URL", &url, Path::new(&backup)).await;
    let ran = migrate::run(&other.owner_url("restored"), APP_ROLE).await.unwrap();
    assert!(ran.is_empty(), "nothing is pending after a restore: {ran:?}");

    let (before, rules_before) = inventory(&node.superuser_url).await;
    let (after, rules_after) = inventory(&url).await;
    assert_eq!(after, before);
    assert_eq!(rules_after, rules_before);
    assert!(before["hypothesis"] > 0 && before["audit_event"] > 0, "there was something to lose");

    let refused = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/restore"))
        .arg(&backup)
        .env("PATH", format!("{}:{}", other.bin_dir().display(), std::env::var("PATH").unwrap()))
        .env("DATABASE_SUPERUSER_URL", &url)
        .output()
        .await
        .unwrap();
    assert!(!refused.status.success(), "a database that holds something is not restored over");

    other.stop().await.unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_connection_outlives_the_thread_that_asked_for_it_first() {
    // The pool belongs to the program; a page's or the metrics' thread may open a connection and end before the job that uses it next.
    let program = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let (pool, _cluster) = program.block_on(async {
        let (cluster, template) = crate::support::shared_cluster().await;
        let name = format!("t_{}", uuid::Uuid::now_v7().simple());
        cluster.clone_database(&template, &name).await.unwrap();
        (rastro::db::Pool::new(&cluster.app_url(&name), 1, "rastro-test").unwrap(), cluster)
    });
    let ask = async || {
        let mut tx = pool.begin(rastro::db::Role::Web, &rastro::db::Scope::default()).await.unwrap();
        let rows = rastro::db::visible_rows(&mut tx, "person").await;
        tx.commit().await.unwrap();
        rows.unwrap()
    };
    std::thread::scope(|s| {
        s.spawn(|| tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(ask()));
    });
    assert_eq!(program.block_on(ask()), 0);
}

//! The schema as diesel sees it is the schema as it is, and the migrations can be taken back.

use crate::support::{TestNode, shared_cluster};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

fn diesel_type(udt: &str) -> Option<&'static str> {
    Some(match udt {
        "uuid" => "Uuid",
        "text" => "Text",
        "timestamptz" => "Timestamptz",
        "date" => "Date",
        "int4" => "Integer",
        "int2" => "SmallInt",
        "int8" => "BigInt",
        "float8" => "Double",
        "float4" => "Float",
        "bool" => "Bool",
        "jsonb" => "Jsonb",
        "bytea" => "Bytea",
        "_text" => "Array<Text>",
        "_uuid" => "Array<Uuid>",
        "_float8" => "Array<Double>",
        // Transaction ids are read by SQL only.
        "xid8" => return None,
        other => panic!("the schema test knows no type {other}; add it here"),
    })
}

async fn rendered(client: &tokio_postgres::Client) -> String {
    let columns = client
        .query(
            "SELECT CASE WHEN c.table_schema = 'public' THEN '' ELSE c.table_schema::text || '.' END || c.table_name::text AS named, c.column_name::text, c.udt_name::text, c.is_nullable = 'YES' FROM information_schema.columns c \
             JOIN information_schema.tables t USING (table_schema, table_name) \
             WHERE c.table_schema IN ('public', 'bank') AND t.table_type = 'BASE TABLE' AND table_name NOT LIKE '\\_\\_%' \
             ORDER BY (c.table_schema <> 'public'), c.table_name COLLATE \"C\", c.ordinal_position",
            &[],
        )
        .await
        .unwrap();
    let keys: BTreeMap<String, String> = client
        .query(
            "SELECT conrelid::regclass::text, string_agg(a.attname, ', ' ORDER BY array_position(conkey, a.attnum)) FROM pg_constraint \
             JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = ANY (conkey) \
             WHERE contype = 'p' AND connamespace IN ('public'::regnamespace, 'bank'::regnamespace) GROUP BY 1",
            &[],
        )
        .await
        .unwrap()
        .iter()
        .map(|r| (r.get(0), r.get(1)))
        .collect();
    let mut tables: BTreeMap<String, Vec<(String, String, bool)>> = BTreeMap::new();
    for row in &columns {
        tables.entry(row.get(0)).or_default().push((row.get(1), row.get(2), row.get(3)));
    }
    let mut text = String::from(
        "//! The tables as diesel sees them. Made from the migrated catalogue: `tests/it/schema.rs` compares, and writes it with `UPDATE_SCHEMA=1`.\n",
    );
    for (table, columns) in &tables {
        // diesel wants a key; a table without one is named by its index.
        let key = keys.get(table).map_or("key_hash, at", String::as_str);
        write!(text, "\ndiesel::table! {{\n    {table} ({key}) {{\n").unwrap();
        for (column, udt, nullable) in columns {
            let Some(kind) = diesel_type(udt) else { continue };
            let kind = if *nullable { format!("Nullable<{kind}>") } else { kind.to_owned() };
            writeln!(text, "        {column} -> {kind},").unwrap();
        }
        text.push_str("    }\n}\n");
    }
    text.push_str(
        "\ndiesel::allow_tables_to_appear_in_same_query!(missing_person_case, person, disappearance_event, found_record, person_name);\n",
    );
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schema_file_is_the_migrated_schema() {
    let node = TestNode::start().await;
    let now = rendered(&node.everything().await).await;
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/db/schema.rs");
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(&file, &now).unwrap();
    }
    let written = std::fs::read_to_string(file).unwrap();
    assert!(written == now, "src/db/schema.rs is not the migrated schema; run this test with UPDATE_SCHEMA=1");
}

#[tokio::test(flavor = "multi_thread")]
async fn migrations_run_up_down_and_up_again_to_the_same_schema() {
    let (cluster, _) = shared_cluster().await;
    let name = format!("t_redo_{}", uuid::Uuid::now_v7().simple());
    cluster.ensure_database(&name).await.unwrap();
    rastro::db::migrate::run(&cluster.owner_url(&name), rastro::cluster::APP_ROLE).await.unwrap();
    let client = rastro::db::tx::connect(&cluster.superuser_url(&name), "test", &tokio::runtime::Handle::current()).await.unwrap();
    let functions = "SELECT string_agg(pg_get_functiondef(p.oid), '' ORDER BY p.proname) FROM pg_proc p WHERE p.pronamespace IN ('public'::regnamespace, 'bank'::regnamespace)";
    let policies = "SELECT string_agg(policyname || tablename || COALESCE(qual, '') || COALESCE(with_check, '') || roles::text, ';' \
                    ORDER BY tablename, policyname) FROM pg_policies";
    let before = (
        rendered(&client).await,
        client.query_one(functions, &[]).await.unwrap().get::<_, String>(0),
        client.query_one(policies, &[]).await.unwrap().get::<_, String>(0),
    );
    rastro::db::migrate::redo_all(&cluster.owner_url(&name)).await.unwrap();
    let after = (
        rendered(&client).await,
        client.query_one(functions, &[]).await.unwrap().get::<_, String>(0),
        client.query_one(policies, &[]).await.unwrap().get::<_, String>(0),
    );
    assert!(before == after);
}

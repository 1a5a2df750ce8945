//! Upgrades that are made beside a database.

use serde_json::json;

use crate::aws::{items, text};
use crate::cluster::{DATABASE_ZONES, database, web};
use crate::database::{build, id, shown};
use crate::database_access::give;
use crate::operator::failed;
use crate::stage::Stage;
use crate::wait::until;

const MYSQL: &str = "engine: mysql\nversion: '8.0'\ninstanceClass: db.t4g.micro\nstorage: {sizeGiB: 20}\nhighAvailability: false\nreadReplicas: 1\nparameters: {max_connections: '200'}";
const AURORA: &str = "engine: aurora-postgresql\nversion: '15'\ninstanceClass: db.t4g.medium\ninstances: 2\nparameters: {rds.logical_replication: '1'}";
const GIVEN: &str = "\ncredentials: {passwordFrom: {secretKeyRef: {name: given, key: password}}}";

#[tokio::test]
async fn a_copy_of_another_major_version_waits_for_the_word_and_takes_over() {
    let lives = [("mysql", MYSQL, "8.0", "8.4"), ("aurora", AURORA, "15", "16")]
        .map(|(name, lines, from, to)| async move { is_upgraded(name, lines, from, to).await });
    futures::future::join_all(lives).await;
}

async fn is_upgraded(name: &str, lines: &str, from: &str, to: &str) {
    let stage = Stage::set(&format!("upgrade-{name}")).await;
    let operator = stage.operator().await;
    stage.build(&web(DATABASE_ZONES, "")).await;
    give(&stage, "correct-horse").await;
    let lines = format!("{lines}{GIVEN}");
    build(&stage, &lines).await;
    let (database_id, newer) = (
        id(&stage).await,
        lines.replace(&format!("'{from}'"), &format!("'{to}'")),
    );
    let newer = format!("{newer}\nallowMajorVersionUpgrade: true\nupgradeStrategy: BlueGreen");
    stage.apply(&database(&newer)).await;
    let message = until("the copy is ready", async || {
        let status = stage.status("database/orders").await;
        let ready = items(&status["conditions"])
            .into_iter()
            .find(|found| found["type"] == "Ready");
        let message = ready.map(|ready| text(&ready["message"])).unwrap_or_default();
        if status["upgrade"]["state"] == "AVAILABLE" && message.contains("switchOverTo") {
            Ok(message)
        } else {
            Err(format!("{message} {:#}", status["upgrade"]))
        }
    })
    .await;
    assert!(message.contains(&format!("switchOverTo: \"{to}\"")), "{message}");
    let before = text(&shown(&stage, &database_id).await["EngineVersion"]);
    assert!(before.starts_with(from), "{before}");
    build(&stage, &format!("{newer}\nswitchOverTo: '{to}'")).await;
    let after = text(&shown(&stage, &database_id).await["EngineVersion"]);
    assert!(after.starts_with(to), "{after}");
    let status = stage.status("database/orders").await;
    assert_eq!(
        (&status["upgrade"], id(&stage).await),
        (&json!(null), database_id.clone())
    );
    let old = format!("{database_id}-old1");
    assert_eq!(text(&shown(&stage, &old).await["EngineVersion"]), before);
    assert_eq!(failed(&operator.writes()), []);
    goes(&stage).await;
}

/// Deletes the database, which names what the upgrade has left, and goes on when somebody has deleted that.
async fn goes(stage: &Stage) {
    stage.delete("database/orders").await;
    let message = stage
        .await_condition("database/orders", "Stalled", "True", "DeletionBlocked")
        .await;
    assert!(message.contains("-old1, which is not hastack's"), "{message}");
    let left = stage.aws.look().await;
    let old = left.all().filter(|found| found.id.ends_with("-old1"));
    // Members before their cluster.
    let (clusters, instances): (Vec<_>, Vec<_>) = old.partition(|found| found.object["DBClusterArn"].is_string());
    for found in instances {
        if !found.object["DBClusterIdentifier"].is_string() {
            let unprotected = json!({"DBInstanceIdentifier": found.id, "DeletionProtection": false});
            stage.aws.ask("rds", "modify_db_instance", unprotected).await;
        }
        let deletion = json!({"DBInstanceIdentifier": found.id, "SkipFinalSnapshot": true});
        stage.aws.ask("rds", "delete_db_instance", deletion).await;
    }
    for found in clusters {
        let unprotected = json!({"DBClusterIdentifier": found.id, "DeletionProtection": false});
        stage.aws.ask("rds", "modify_db_cluster", unprotected).await;
        let deletion = json!({"DBClusterIdentifier": found.id, "SkipFinalSnapshot": true});
        stage.aws.ask("rds", "delete_db_cluster", deletion).await;
    }
    stage.await_gone("database/orders").await;
}

//! Databases that somebody renames.

use serde_json::json;

use crate::aws::text;
use crate::database::{POSTGRES, build, built, clear, id};
use crate::database_access::secret;
use crate::operator::failed;
use crate::wait::until;

#[tokio::test]
async fn a_database_that_somebody_renamed_is_followed_and_gets_its_name_back() {
    let lines = format!("{POSTGRES}\nconnectionSecret: {{name: orders-db}}");
    let (stage, operator) = built("database-name", &lines).await;
    let name = id(&stage).await;
    let renamed = json!({"DBInstanceIdentifier": name, "NewDBInstanceIdentifier": "renamed", "ApplyImmediately": true});
    stage.aws.ask("rds", "modify_db_instance", renamed).await;
    until("the connection Secret follows", async || {
        let entries = secret(&stage, "orders-db").await.unwrap();
        if entries["host"].starts_with("renamed.") {
            Ok(())
        } else {
            Err(entries["host"].clone())
        }
    })
    .await;
    stage.await_ready("database/orders").await;
    assert_eq!(id(&stage).await, "renamed");
    let status = stage.status("database/orders").await;
    assert!(
        text(&status["pendingChanges"][0]).starts_with("identifier: "),
        "{status:#}"
    );
    build(&stage, &format!("{lines}\napplyChanges: Immediately")).await;
    until("it has its name again", async || match id(&stage).await {
        is if is == name => Ok(()),
        other => Err(other),
    })
    .await;
    stage.await_ready("database/orders").await;
    let host = secret(&stage, "orders-db").await.unwrap()["host"].clone();
    assert!(host.starts_with(&name), "{host}");
    assert_eq!(operator.calls("CreateDBInstance").len(), 1);
    assert_eq!(failed(&operator.writes()), []);
    assert_eq!(clear(&stage).await.len(), 1);
}

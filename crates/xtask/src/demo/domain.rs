//! A domain that is served elsewhere: the DNS records its user has to create, and what the load balancer answers then.
use anyhow::{Context, Result};
use hastack_testbed::account::list;
use serde_json::{Value, json};

use super::ground::Ground;
use super::heading;

/// The columns of the table of records: what stands above, and the field of `status.dnsRecords`.
const COLUMNS: [(&str, &str); 5] = [
    ("TYPE", "type"),
    ("NAME", "name"),
    ("VALUE", "value"),
    ("PURPOSE", "purpose"),
    ("SEEN", "seen"),
];

/// Whether AWS waits for a DNS record that only the domain's user can create.
pub(crate) fn is_awaited(stack: &Value) -> bool {
    let is_hosted = stack["spec"]["loadBalancer"]["tls"]["hostedZone"].is_string();
    !is_hosted && records(stack).iter().any(|record| record["seen"] == false)
}

/// Shows the records that AWS waits for. At the stand-in they are created then; in an account only the user can do that.
pub(crate) async fn show(ground: &Ground) -> Result<()> {
    let stacks = ground.stacks.look(&ground.kubectl).await?;
    let waiting: Vec<_> = stacks.iter().filter(|stack| is_awaited(stack)).collect();
    if waiting.is_empty() {
        return Ok(());
    }
    heading("The certificate waits for DNS records");
    println!("{}", ground.stacks.table(&ground.kubectl).await?);
    for stack in &waiting {
        println!("\n  status.dnsRecords of {}:", text(&stack["metadata"]["name"]));
        for line in table(records(stack)) {
            println!("  {line}");
        }
    }
    println!();
    let Some(stand_in) = &ground.stand_in else {
        println!("  Create them where the domain is served. It goes on by itself when AWS has seen them.");
        return Ok(());
    };
    println!("  Now the records are created at the DNS provider.");
    for record in waiting.into_iter().flat_map(records) {
        let said = json!({"type": record["type"], "name": record["name"], "value": record["value"]});
        stand_in
            .post("/mended/dns", &said.to_string())
            .await
            .context("cannot create the record")?;
    }
    Ok(())
}

/// Shows what each load balancer answers, as AWS tells it.
pub(crate) async fn answers(ground: &Ground) -> Result<()> {
    let stacks = ground.stacks.look(&ground.kubectl).await?;
    let balanced = stacks
        .iter()
        .filter(|stack| stack["status"]["loadBalancer"]["arn"].is_string());
    for (index, stack) in balanced.enumerate() {
        if index == 0 {
            heading("What the load balancer answers");
        }
        let status = &stack["status"];
        println!("  {}", text(&status["url"]));
        let parameters = json!({"LoadBalancerArn": status["loadBalancer"]["arn"]});
        let region = text(&stack["spec"]["region"]);
        let call = [("elbv2", "describe_listeners", parameters)];
        let answered = ground.account.calls(region, &call).await?;
        for listener in answered.iter().flat_map(|answer| list(answer, "Listeners")) {
            println!("  {}", answer(listener));
        }
    }
    Ok(())
}

fn records(stack: &Value) -> &[Value] {
    list(&stack["status"], "dnsRecords")
}

/// The records below their columns' heads.
fn table(records: &[Value]) -> Vec<String> {
    let cell = |record: &Value, field: &str| match &record[field] {
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "not yet".to_owned(),
        Value::String(value) => value.clone(),
        _ => "-".to_owned(),
    };
    let head = COLUMNS.map(|(head, _)| head.to_owned());
    let rows = records
        .iter()
        .map(|record| COLUMNS.map(|(_, field)| cell(record, field)));
    let rows: Vec<_> = std::iter::once(head).chain(rows).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or_default();
    let widths: Vec<_> = (0..COLUMNS.len()).map(width).collect();
    let line = |row: &[String; COLUMNS.len()]| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

/// `HTTPS 443  404 until a service routes  (certificate ...)`.
fn answer(listener: &Value) -> String {
    let actions = list(listener, "DefaultActions");
    let action = actions.first().cloned().unwrap_or_default();
    let said = match text(&action["Type"]) {
        "redirect" => {
            let redirect = &action["RedirectConfig"];
            let [protocol, port, code] = ["Protocol", "Port", "StatusCode"].map(|field| text(&redirect[field]));
            format!("redirect to {protocol} {port} ({code})")
        }
        "fixed-response" => format!("{} by itself", text(&action["FixedResponseConfig"]["StatusCode"])),
        other => other.to_owned(),
    };
    let certificate = list(listener, "Certificates").first();
    let certificate = certificate.map(|certificate| format!(", with {}", text(&certificate["CertificateArn"])));
    format!(
        "{:5} {:>3}: {said}{}",
        text(&listener["Protocol"]),
        listener["Port"].to_string(),
        certificate.unwrap_or_default()
    )
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_stand_below_their_heads() {
        let record = |name: &str, seen: &Value| json!({"type": "CNAME", "name": name, "value": "v", "purpose": "p", "seen": seen});
        let records = [record("a.example.com", &json!(false)), record("b", &Value::Null)];
        assert_eq!(
            table(&records),
            [
                "TYPE   NAME           VALUE  PURPOSE  SEEN",
                "CNAME  a.example.com  v      p        not yet",
                "CNAME  b              v      p        -",
            ]
        );
    }

    #[test]
    fn a_record_is_awaited_until_it_is_seen() {
        let stack = |seen: Value| json!({"status": {"dnsRecords": [{"name": "a", "seen": seen}]}});
        assert!(is_awaited(&stack(json!(false))));
        assert!(!is_awaited(&stack(json!(true))) && !is_awaited(&stack(Value::Null)));
        let mut hosted = stack(json!(false));
        hosted["spec"] = json!({"loadBalancer": {"tls": {"hostedZone": "example.com"}}});
        assert!(!is_awaited(&hosted));
    }

    #[test]
    fn a_listener_says_what_it_answers() {
        let redirect = json!({"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"});
        let listener = json!({"Protocol": "HTTP", "Port": 80, "DefaultActions": [{"Type": "redirect", "RedirectConfig": redirect}]});
        assert_eq!(answer(&listener), "HTTP   80: redirect to HTTPS 443 (HTTP_301)");
    }
}

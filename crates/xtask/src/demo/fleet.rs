//! What services are for: more instances, other instances, and the earlier ones when the others do not work.
use anyhow::Result;
use serde_json::{Value, json};

use super::ground::Ground;
use super::watch::{self, Goal};
use super::{Options, heading};

/// What makes the stand-in's instances fail their health checks, in a line of user data that does nothing elsewhere.
const SICK: &str = "# hastack-test: unhealthy";
const HEALTHY: &str = "# rolled out by the demo";
/// What user data begins with where a service has none.
const SHELL: &str = "#!/bin/sh\n";

pub(crate) async fn show(ground: &Ground, options: &Options) -> Result<()> {
    let services = services(ground).await?;
    if services.is_empty() {
        return Ok(());
    }
    scale(ground, options, &services).await?;
    heading("Roll out other user data");
    change(ground, &services, HEALTHY).await?;
    watch::until(ground, Goal::Ready, options.limit()).await?;
    println!("{}", ground.stacks.table(&ground.kubectl).await?);
    let balanced: Vec<_> = services
        .into_iter()
        .filter(|service| service["spec"]["routing"].is_object())
        .collect();
    if ground.stand_in.is_none() || balanced.is_empty() {
        return Ok(());
    }
    heading("Roll out what does not become healthy");
    change(ground, &balanced, SICK).await?;
    watch::until(ground, Goal::RolledBack, options.limit()).await?;
    println!("{}", ground.stacks.table(&ground.kubectl).await?);
    println!("\n  Another change of what instances are launched with is tried:");
    change(ground, &balanced, HEALTHY).await?;
    watch::until(ground, Goal::Ready, options.limit()).await
}

/// An instance more of each service that may have more.
async fn scale(ground: &Ground, options: &Options, services: &[Value]) -> Result<()> {
    let wider = services
        .iter()
        .filter_map(|service| Some((service, one_more(service)?)));
    for (index, (service, replicas)) in wider.enumerate() {
        if index == 0 {
            heading("kubectl scale");
        }
        let [namespace, name] = place(service);
        let replicas = format!("--replicas={replicas}");
        let scaled = ["scale", "--namespace", namespace, "autoscaledservice", name, &replicas];
        print!("  {}", ground.kubectl.text(&scaled).await?);
        println!("  ({replicas})");
    }
    watch::until(ground, Goal::Ready, options.limit()).await
}

/// How many instances are one more than now, if there may be more.
fn one_more(service: &Value) -> Option<u64> {
    let now = service["status"]["replicas"].as_u64()?;
    let most = service["spec"]["capacity"]["max"].as_u64()?;
    (now < most).then_some(now + 1)
}

/// Adds a line to the user data the services were applied with.
async fn change(ground: &Ground, services: &[Value], line: &str) -> Result<()> {
    for service in services
        .iter()
        .filter(|service| service["spec"]["userDataFrom"].is_null())
    {
        let patch = json!({"spec": {"userData": user_data(service, line)}}).to_string();
        let [namespace, name] = place(service);
        let patched = [
            "patch",
            "--namespace",
            namespace,
            "autoscaledservice",
            name,
            "--type=merge",
            "--patch",
            &patch,
        ];
        println!("  {}", ground.kubectl.text(&patched).await?.trim_end());
    }
    Ok(())
}

fn user_data(service: &Value, line: &str) -> String {
    let given = service["spec"]["userData"].as_str().unwrap_or(SHELL);
    format!("{}\n{line}\n", given.trim_end())
}

async fn services(ground: &Ground) -> Result<Vec<Value>> {
    let mut objects = ground.stacks.look(&ground.kubectl).await?;
    objects.retain(|object| object["kind"] == "AutoScaledService");
    Ok(objects)
}

/// Its namespace and name.
fn place(service: &Value) -> [&str; 2] {
    ["namespace", "name"].map(|field| service["metadata"][field].as_str().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_scaled_where_it_may_have_more() {
        let service = |max: u64| json!({"spec": {"capacity": {"max": max}}, "status": {"replicas": 3}});
        assert_eq!(one_more(&service(4)), Some(4));
        assert_eq!(one_more(&service(3)), None);
    }

    #[test]
    fn a_line_is_added_to_what_there_is() {
        let service = json!({"spec": {"userData": "#!/bin/bash\necho one\n"}});
        assert_eq!(
            user_data(&service, HEALTHY),
            format!("#!/bin/bash\necho one\n{HEALTHY}\n")
        );
        assert!(user_data(&json!({}), SICK).starts_with("#!/bin/sh\n"));
    }
}

//! The AWS resources of a stack, as a tree.
use std::collections::BTreeMap;

use serde_json::Value;

/// A name's next part, what stands there, and what is below.
#[derive(Default)]
struct Node {
    label: Option<String>,
    children: BTreeMap<String, Node>,
}

/// Draws `.status.resources`: `subnet/public/us-east-1a` stands below `subnet` and `public`.
pub(crate) fn draw(stack: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut root = Node::default();
    for resource in stack["status"]["resources"].as_array().into_iter().flatten() {
        let id = text(&resource["id"]);
        let node = id.split('/').fold(&mut root, |node, part| {
            node.children.entry(part.to_owned()).or_default()
        });
        node.label = Some(format!("{}  {}", text(&resource["awsId"]), text(&resource["phase"])));
    }
    let mut lines = vec![format!("  {}", text(&stack["metadata"]["name"]))];
    lines.extend(root.lines().into_iter().map(|line| format!("  {line}")));
    lines.join("\n")
}

impl Node {
    fn lines(&self) -> Vec<String> {
        let last = self.children.len().saturating_sub(1);
        let below = self.children.iter().enumerate().flat_map(|(index, (name, child))| {
            let (fork, rail) = if index == last {
                ("└─ ", "   ")
            } else {
                ("├─ ", "│  ")
            };
            // A lone child without siblings needs no line of its own.
            let (name, child) = child.collapsed(name.clone());
            let label = child
                .label
                .as_ref()
                .map(|label| format!("  {label}"))
                .unwrap_or_default();
            let rest = child.lines().into_iter().map(move |line| format!("{rail}{line}"));
            std::iter::once(format!("{fork}{name}{label}"))
                .chain(rest)
                .collect::<Vec<_>>()
        });
        below.collect()
    }

    fn collapsed(&self, name: String) -> (String, &Self) {
        match (&self.label, self.children.first_key_value()) {
            (None, Some((part, child))) if self.children.len() == 1 => child.collapsed(format!("{name}/{part}")),
            (Some(_) | None, Some(_) | None) => (name, self),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn resources_stand_below_the_parts_of_their_names() {
        let resource = |id: &str, aws_id: &str| json!({"id": id, "awsId": aws_id, "phase": "Ready"});
        let stack = json!({"metadata": {"name": "demo"}, "status": {"resources": [
            resource("vpc", "vpc-1"),
            resource("subnet/public/us-east-1a", "subnet-1"),
            resource("subnet/public/us-east-1b", "subnet-2"),
            resource("subnet/private/us-east-1a", "subnet-3"),
            resource("nat/us-east-1a", "nat-1"),
        ]}});
        let expected = "  demo
  ├─ nat/us-east-1a  nat-1  Ready
  ├─ subnet
  │  ├─ private/us-east-1a  subnet-3  Ready
  │  └─ public
  │     ├─ us-east-1a  subnet-1  Ready
  │     └─ us-east-1b  subnet-2  Ready
  └─ vpc  vpc-1  Ready";
        assert_eq!(draw(&stack), expected);
    }
}

//! An API server in memory, for tests: objects by path, optimistic locking, JSON patches, server-side apply of a status.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use http_body_util::BodyExt;
use kube::Client;
use kube::client::Body;
use serde_json::{Value, json};
use tower_test::mock;

type Request = axum::http::Request<Body>;
type Response = axum::http::Response<Body>;

/// An API server.
#[derive(Clone, Default)]
pub struct Server {
    world: Arc<Mutex<World>>,
}

#[derive(Default)]
struct World {
    objects: BTreeMap<String, Value>,
    version: u64,
    writes: Vec<String>,
    refuse: Option<(String, u16)>,
    silent: bool,
}

impl Server {
    /// A client of it.
    pub fn client(&self) -> Client {
        let (service, mut handle) = mock::pair::<Request, Response>();
        let server = self.clone();
        tokio::spawn(async move {
            while let Some((request, send)) = handle.next_request().await {
                let server = server.clone();
                tokio::spawn(async move {
                    if server.world().silent {
                        std::future::pending::<()>().await;
                    }
                    send.send_response(server.answer(request).await);
                });
            }
        });
        Client::new(service, "default")
    }

    /// Stores an object, as a user does.
    pub fn put(&self, path: &str, object: Value) {
        self.world().store(path, object);
    }

    /// The object at `path`.
    pub fn object(&self, path: &str) -> Option<Value> {
        self.world().objects.get(path).cloned()
    }

    /// Marks the object at `path` as being deleted, as `kubectl delete` does.
    pub fn delete(&self, path: &str) {
        let mut world = self.world();
        let mut object = world.objects[path].clone();
        object["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
        world.store(path, object);
    }

    /// Every write so far, such as `PATCH /apis/...`, without those refused.
    pub fn writes(&self) -> Vec<String> {
        self.world().writes.clone()
    }

    /// Answers writes to paths with this ending with an error, until told otherwise.
    pub fn refuse(&self, rule: Option<(&str, u16)>) {
        self.world().refuse = rule.map(|(ending, code)| (ending.to_owned(), code));
    }

    /// Answers nothing any more, or again.
    pub fn silence(&self, silent: bool) {
        self.world().silent = silent;
    }

    async fn answer(&self, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let body: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
        let path = parts.uri.path();
        let kind = parts.headers.get("content-type").map(|kind| kind.to_str().unwrap());
        let method = parts.method.as_str();
        let mut world = self.world();
        let (code, answer) = match (method, kind) {
            ("GET", _) => world.get(path),
            (_, _) if world.refuses(path) => failure(world.refuse.as_ref().unwrap().1),
            ("POST", _) => world.create(path, body),
            ("PUT", _) => world.replace(path, body),
            ("PATCH", Some("application/json-patch+json")) => world.patch(path, body),
            ("PATCH", Some("application/apply-patch+yaml")) => world.apply_status(path, &body),
            (_, _) => failure(405),
        };
        if method != "GET" && code < 300 {
            world.writes.push(format!("{method} {path}"));
        }
        let body = Body::from(serde_json::to_vec(&answer).unwrap());
        axum::http::Response::builder().status(code).body(body).unwrap()
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }
}

impl World {
    fn refuses(&self, path: &str) -> bool {
        self.refuse
            .as_ref()
            .is_some_and(|(ending, _)| path.ends_with(ending.as_str()))
    }

    fn store(&mut self, path: &str, mut object: Value) -> Value {
        self.version += 1;
        object["metadata"]["resourceVersion"] = json!(self.version.to_string());
        let metadata = &object["metadata"];
        let held = metadata["finalizers"].as_array().is_some_and(|held| !held.is_empty());
        if metadata["deletionTimestamp"].is_null() || held {
            self.objects.insert(path.to_owned(), object.clone());
        } else {
            self.objects.remove(path);
        }
        object
    }

    fn get(&self, path: &str) -> (u16, Value) {
        self.objects
            .get(path)
            .map_or_else(|| failure(404), |object| (200, object.clone()))
    }

    fn create(&mut self, path: &str, object: Value) -> (u16, Value) {
        let path = format!("{path}/{}", object["metadata"]["name"].as_str().unwrap());
        if self.objects.contains_key(&path) {
            return failure(409);
        }
        (201, self.store(&path, object))
    }

    fn replace(&mut self, path: &str, object: Value) -> (u16, Value) {
        let Some(known) = self.objects.get(path) else {
            return failure(404);
        };
        if known["metadata"]["resourceVersion"] != object["metadata"]["resourceVersion"] {
            return failure(409);
        }
        (200, self.store(path, object))
    }

    fn patch(&mut self, path: &str, changes: Value) -> (u16, Value) {
        let Some(mut object) = self.objects.get(path).cloned() else {
            return failure(404);
        };
        let changes: json_patch::Patch = serde_json::from_value(changes).unwrap();
        // To the real one, nothing is null.
        if object["metadata"]["finalizers"].is_null() {
            object["metadata"]["finalizers"] = Value::Null;
        }
        match json_patch::patch(&mut object, &changes) {
            Ok(()) => (200, self.store(path, object)),
            Err(_) => failure(422),
        }
    }

    fn apply_status(&mut self, path: &str, applied: &Value) -> (u16, Value) {
        let path = path.strip_suffix("/status").unwrap();
        let Some(mut object) = self.objects.get(path).cloned() else {
            return failure(404);
        };
        if object["metadata"]["uid"] != applied["metadata"]["uid"] {
            return failure(409);
        }
        object["status"] = applied["status"].clone();
        (200, self.store(path, object))
    }
}

fn failure(code: u16) -> (u16, Value) {
    let reason = match code {
        404 => "NotFound",
        409 => "Conflict",
        422 => "Invalid",
        _ => "Unknown",
    };
    let status = json!({
        "kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason, "message": "no",
    });
    (code, status)
}

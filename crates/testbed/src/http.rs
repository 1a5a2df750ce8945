//! Plain HTTP to servers of this machine.
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Method, Request, Response, Uri};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

/// Why a request got no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is malformed.
    #[error("cannot make a request of {uri:?}")]
    Build {
        /// The address.
        uri: String,
        /// What is wrong with it.
        #[source]
        source: hyper::http::Error,
    },
    /// The server cannot be reached, or closed the connection without an answer.
    #[error("cannot reach {uri}")]
    Reach {
        /// The address.
        uri: Uri,
        /// What failed.
        #[source]
        source: hyper_util::client::legacy::Error,
    },
    /// The answer broke off.
    #[error("cannot read the answer of {uri}")]
    Read {
        /// The address.
        uri: Uri,
        /// What failed.
        #[source]
        source: hyper::Error,
    },
}

/// A client that opens a connection for each request: none can break while it lies idle, so no request is sent twice.
#[derive(Clone)]
pub struct Client {
    client: hyper_util::client::legacy::Client<HttpConnector, Full<Bytes>>,
}

impl Default for Client {
    fn default() -> Self {
        let mut builder = hyper_util::client::legacy::Client::builder(TokioExecutor::new());
        Self {
            client: builder.pool_max_idle_per_host(0).build_http(),
        }
    }
}

impl Client {
    /// Sends a request and reads the whole answer.
    pub async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Error> {
        let uri = request.uri().clone();
        let sent = self.client.request(request.map(Full::new)).await;
        let (head, body) = sent
            .map_err(|source| Error::Reach {
                uri: uri.clone(),
                source,
            })?
            .into_parts();
        let body = body.collect().await.map_err(|source| Error::Read { uri, source })?;
        Ok(Response::from_parts(head, body.to_bytes()))
    }

    /// GET.
    pub async fn get(&self, uri: &str) -> Result<Response<Bytes>, Error> {
        self.request(Method::GET, uri, "text/plain", Bytes::new()).await
    }

    /// POST of JSON; an empty body if there is nothing to say.
    pub async fn post(&self, uri: &str, json: &str) -> Result<Response<Bytes>, Error> {
        self.request(Method::POST, uri, "application/json", json.to_owned().into())
            .await
    }

    async fn request(&self, method: Method, uri: &str, kind: &str, body: Bytes) -> Result<Response<Bytes>, Error> {
        let request = Request::builder()
            .method(method)
            .uri(uri)
            .header("content-type", kind)
            .body(body);
        self.send(request.map_err(|source| Error::Build {
            uri: uri.into(),
            source,
        })?)
        .await
    }
}

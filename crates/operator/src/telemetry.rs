//! Logs to standard output, and traces to a collector where one is named.

use std::io::{self, IsTerminal};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use hyper_rustls::HttpsConnectorBuilder;
use opentelemetry::trace::TracerProvider;
use opentelemetry_http::hyper::HyperClient;
use opentelemetry_http::{HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tokio::runtime::Handle;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};
use tracing_subscriber::{EnvFilter, Layer, fmt};

use crate::args::{LogFormat, Telemetry};

/// How long the collector may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why there are no logs or traces.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The filter is no filter.
    #[error("cannot read {filter:?} as a log filter")]
    ReadFilter {
        /// What was given.
        filter: String,
        /// What is wrong.
        #[source]
        source: ParseError,
    },
    /// The certificates of the system cannot be read.
    #[error("cannot read the system's certificates")]
    ReadCertificates(#[source] io::Error),
    /// The endpoint is none.
    #[error("cannot send traces to {endpoint:?}")]
    Export {
        /// What was given.
        endpoint: String,
        /// What is wrong.
        #[source]
        source: ExporterBuildError,
    },
    /// Something else logs already.
    #[error("cannot start logging")]
    Start(#[source] TryInitError),
}

/// Sends what is left of the traces when it is dropped.
pub struct Traces(Option<SdkTracerProvider>);

impl Drop for Traces {
    fn drop(&mut self) {
        if let Some(provider) = &self.0 {
            // There is no one left to tell that the last traces were not taken.
            let _ = provider.shutdown_with_timeout(PATIENCE);
        }
    }
}

/// Starts to log and trace. Must be called on a Tokio runtime.
pub fn start(settings: &Telemetry) -> Result<Traces, Error> {
    let Telemetry {
        format,
        filter,
        otlp_endpoint,
    } = settings;
    let filter = EnvFilter::try_new(filter).map_err(|source| Error::ReadFilter {
        filter: filter.clone(),
        source,
    })?;
    let lines = match format {
        LogFormat::Text => fmt::layer()
            .with_target(false)
            .with_ansi(io::stdout().is_terminal())
            .boxed(),
        LogFormat::Json => fmt::layer().json().flatten_event(true).with_span_list(false).boxed(),
    };
    let provider = otlp_endpoint.as_deref().map(provider).transpose()?;
    let spans = provider
        .as_ref()
        .map(|provider| tracing_opentelemetry::layer().with_tracer(provider.tracer("hastack")));
    tracing_subscriber::registry()
        .with(lines)
        .with(spans)
        .with(filter)
        .try_init()
        .map_err(Error::Start)?;
    Ok(Traces(provider))
}

fn provider(endpoint: &str) -> Result<SdkTracerProvider, Error> {
    let connector = HttpsConnectorBuilder::new()
        .with_native_roots()
        .map_err(Error::ReadCertificates)?
        .https_or_http()
        .enable_http1()
        .build();
    let client = OnRuntime {
        runtime: Handle::current(),
        client: HyperClient::new(connector, PATIENCE, None),
    };
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(client)
        .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
        .build()
        .map_err(|source| Error::Export {
            endpoint: endpoint.to_owned(),
            source,
        })?;
    Ok(SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(Resource::builder().with_service_name("hastack").build())
        .build())
}

/// A client for the exporter, whose thread is not one of the runtime's.
#[derive(Debug)]
struct OnRuntime<C> {
    runtime: Handle,
    client: C,
}

#[async_trait]
impl<C: HttpClient + Clone + 'static> HttpClient for OnRuntime<C> {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = self.client.clone();
        self.runtime
            .spawn(async move { client.send_bytes(request).await })
            .await?
    }
}

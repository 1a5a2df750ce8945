use super::*;
use crate::testing::Server;

const PATH: &str = "/apis/coordination.k8s.io/v1/namespaces/hastack-system/leases/hastack";

/// A replica that takes part in the election.
struct Replica {
    tenure: Arc<Tenure>,
    leading: watch::Receiver<bool>,
    stop: CancellationToken,
    election: tokio::task::JoinHandle<()>,
}

impl Replica {
    fn start(server: &Server, identity: &str) -> Self {
        let settings = Settings {
            name: "hastack".into(),
            namespace: "hastack-system".into(),
            takeover: Duration::from_secs(15),
        };
        let tenure = Arc::new(Tenure::none());
        let (sender, leading) = watch::channel(false);
        let stop = CancellationToken::new();
        let metrics = Arc::new(Metrics::new());
        let election = Election::new(
            server.client(),
            settings,
            identity.into(),
            tenure.clone(),
            sender,
            metrics,
        );
        Self {
            tenure,
            leading,
            stop: stop.clone(),
            election: tokio::spawn(election.run(stop)),
        }
    }

    /// Waits until it leads, or does not. Returns how long that took.
    async fn until(&mut self, leads: bool) -> Duration {
        let start = Instant::now();
        let waiting = self.leading.wait_for(|leading| *leading == leads);
        timeout(Duration::from_mins(2), waiting).await.unwrap().unwrap();
        start.elapsed()
    }
}

fn holder(server: &Server) -> serde_json::Value {
    server.object(PATH).unwrap()["spec"]["holderIdentity"].clone()
}

fn tenure(term: Duration) -> Tenure {
    Tenure::until(End::At(Instant::now() + term))
}

#[tokio::test(start_paused = true)]
async fn a_write_is_let_go_only_while_there_is_time_for_it() {
    let tenure = tenure(Duration::from_secs(13));
    assert!(tenure.may_write());
    tokio::time::advance(Duration::from_millis(4900)).await;
    assert!(tenure.may_write());
    tokio::time::advance(Duration::from_millis(200)).await;
    assert!(!tenure.may_write());
    assert!(tenure.holds());
    tokio::time::advance(Duration::from_secs(8)).await;
    assert!(!tenure.holds());
}

#[tokio::test(start_paused = true)]
async fn a_process_that_ends_writes_no_more() {
    let tenure = tenure(Duration::from_secs(13));
    tenure.stop_writes();
    assert!(!tenure.may_write());
    assert!(tenure.holds());
}

#[tokio::test(start_paused = true)]
async fn the_only_replica_needs_no_lease() {
    let tenure = Tenure::endless();
    tokio::time::advance(Duration::from_hours(24)).await;
    assert!(tenure.may_write());
}

#[tokio::test(start_paused = true)]
async fn one_replica_leads_and_goes_on_leading() {
    let server = Server::default();
    let mut first = Replica::start(&server, "first");
    first.until(true).await;
    let second = Replica::start(&server, "second");
    for _ in 0..300 {
        sleep(Duration::from_secs(1)).await;
        assert!(first.tenure.may_write());
        assert!(!second.tenure.holds());
    }
    assert_eq!(holder(&server), "first");
}

#[tokio::test(start_paused = true)]
async fn a_lease_given_back_is_taken_within_two_seconds() {
    let server = Server::default();
    let mut first = Replica::start(&server, "first");
    first.until(true).await;
    let mut second = Replica::start(&server, "second");
    sleep(Duration::from_secs(30)).await;
    first.stop.cancel();
    assert!(second.until(true).await <= Duration::from_secs(2));
    first.election.await.unwrap();
    assert!(!first.tenure.holds());
    assert_eq!(holder(&server), "second");
}

#[tokio::test(start_paused = true)]
async fn another_replica_steps_in_for_a_crashed_one_within_the_time_set() {
    let server = Server::default();
    let mut first = Replica::start(&server, "first");
    first.until(true).await;
    let mut second = Replica::start(&server, "second");
    sleep(Duration::from_secs(30)).await;
    first.election.abort();
    let taken = second.until(true).await;
    assert!(taken <= Duration::from_secs(15), "{taken:?}");
    assert!(!first.tenure.holds());
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_cannot_reach_the_api_server_stops_in_time_and_comes_back() {
    let server = Server::default();
    let mut replica = Replica::start(&server, "first");
    replica.until(true).await;
    server.silence(true);
    let stopped = replica.until(false).await;
    assert!(stopped <= Duration::from_secs(18), "{stopped:?}");
    assert!(!replica.tenure.may_write());
    server.silence(false);
    replica.until(true).await;
    assert!(replica.tenure.may_write());
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_was_stopped_and_continued_has_lost_the_lease_before_it_knows() {
    let server = Server::default();
    let mut first = Replica::start(&server, "first");
    first.until(true).await;
    // Time passes and the process does nothing, not even renew.
    tokio::time::advance(Duration::from_secs(20)).await;
    assert!(!first.tenure.may_write());
}

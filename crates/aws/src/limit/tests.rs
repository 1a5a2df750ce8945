use std::sync::Arc;

use super::*;

const RATE: Rate = Rate {
    burst: 4,
    per_second: 2,
};

fn after(start: Instant, millis: u64) -> Instant {
    start + Duration::from_millis(millis)
}

#[test]
fn a_full_bucket_holds_a_burst() {
    let now = Instant::now();
    let mut bucket = Bucket::full(RATE, now);
    for _ in 0..RATE.burst {
        assert_eq!(bucket.take(now), Ok(()));
    }
    assert_eq!(bucket.take(now), Err(Duration::from_millis(501)));
}

#[test]
fn tokens_come_in_at_the_rate() {
    let start = Instant::now();
    let mut bucket = Bucket::full(RATE, start);
    bucket.drain(start);
    assert!(bucket.take(after(start, 499)).is_err());
    assert!(bucket.take(after(start, 501)).is_ok());
    assert!(bucket.take(after(start, 502)).is_err());
}

#[test]
fn a_bucket_never_holds_more_than_its_burst() {
    let start = Instant::now();
    let mut bucket = Bucket::full(RATE, start);
    let late = after(start, 3_600_000);
    let taken = (0..10).filter(|_| bucket.take(late).is_ok()).count();
    assert_eq!(taken, 4);
}

#[test]
fn a_clock_that_stands_still_brings_no_tokens() {
    let start = Instant::now();
    let mut bucket = Bucket::full(RATE, after(start, 1000));
    bucket.drain(after(start, 1000));
    assert!(bucket.take(start).is_err());
}

#[tokio::test(start_paused = true)]
async fn calls_beyond_the_burst_go_out_at_the_rate() {
    let limiter = Limiter::new(&Limits::default());
    let start = Instant::now();
    for _ in 0..200 {
        limiter.admit(Action::CreateSubnet).await;
    }
    assert_eq!(start.elapsed(), Duration::ZERO);
    for _ in 0..10 {
        limiter.admit(Action::CreateSubnet).await;
    }
    assert!(
        (2000..2100).contains(&start.elapsed().as_millis()),
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn a_throttled_call_empties_its_bucket_and_no_other() {
    let limiter = Limiter::new(&Limits::default());
    limiter.throttled(Action::CreateSubnet);
    let start = Instant::now();
    limiter.admit(Action::CreateVpc).await;
    assert_eq!(start.elapsed(), Duration::ZERO);
    limiter.admit(Action::CreateSubnet).await;
    assert!(
        (200..220).contains(&start.elapsed().as_millis()),
        "{:?}",
        start.elapsed()
    );
}

/// How many of these calls go out at once when nothing was called before.
async fn burst(actions: &[Action]) -> usize {
    let limiter = Limiter::new(&Limits::default());
    let start = Instant::now();
    let mut count = 0;
    loop {
        for action in actions {
            limiter.admit(*action).await;
            if start.elapsed() > Duration::ZERO {
                return count;
            }
            count += 1;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn calls_share_a_bucket_where_theirs_is_one_at_aws() {
    for (actions, expected) in [
        (&[Action::DescribeVpcs, Action::DescribeSubnets][..], 200),
        (&[Action::RunInstances], 5),
        (&[Action::DescribeLoadBalancers, Action::DescribeListeners], 40),
        (&[Action::CreateLoadBalancer, Action::CreateListener], 20),
        (&[Action::ListResourceRecordSets, Action::ChangeResourceRecordSets], 5),
        (&[Action::ListRoles, Action::CreateRole], 10),
        (&[Action::DescribeScalableTargets, Action::RegisterScalableTarget], 20),
        (&[Action::DescribeDBInstances, Action::CreateDBInstance], 20),
        (&[Action::DescribeCertificate, Action::RequestCertificate], 10),
    ] {
        assert_eq!(burst(actions).await, expected, "{actions:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_goes_before_reads_that_wait_longer() {
    let line = Arc::new(Line::new(RATE));
    line.bucket().drain(Instant::now());
    let order = Arc::new(Mutex::new(Vec::new()));
    let wait = |class| {
        let (line, order) = (line.clone(), order.clone());
        async move {
            line.wait(class).await;
            order.lock().unwrap().push(class);
        }
    };
    futures::join!(
        wait(Class::Read),
        wait(Class::Read),
        wait(Class::Write),
        wait(Class::Write)
    );
    assert_eq!(
        *order.lock().unwrap(),
        [Class::Write, Class::Write, Class::Read, Class::Read]
    );
}

#[tokio::test(start_paused = true)]
async fn a_write_that_gave_up_waiting_does_not_hold_reads() {
    let line = Line::new(RATE);
    line.bucket().drain(Instant::now());
    let gave_up = tokio::time::timeout(Duration::from_millis(10), line.wait(Class::Write)).await;
    assert!(gave_up.is_err());
    let start = Instant::now();
    line.wait(Class::Read).await;
    assert!(start.elapsed() < Duration::from_secs(1));
}

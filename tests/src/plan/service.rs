//! What services go through in the fault suites: each on the smallest stack it can stand on.

/// Two zones and a load balancer.
macro_rules! balanced {
    ($($services:expr),*) => {
        concat!("availabilityZones: 2\nnatGateways: None\ndatabaseSubnets: false\n---\nloadBalancer: {}", $($services),*)
    };
}

/// One zone.
macro_rules! small {
    ($($services:expr),*) => {
        concat!("availabilityZones: 1\nnatGateways: None\ndatabaseSubnets: false", $($services),*)
    };
}

/// A service behind the load balancer, with further lines.
macro_rules! web {
    ($port:literal, $lines:literal) => {
        balanced!(
            "\n+++\nimage: {id: ami-0123456789abcdef0}\ninstanceType: t3.micro\ncapacity: {min: 2, max: 4}\nport: ",
            $port,
            "\nrouting: {paths: ['/*']}",
            $lines
        )
    };
}

/// A service that nobody is sent to, with further lines.
macro_rules! jobs {
    ($lines:literal) => {
        small!(
            "\n+++\nimage: {id: ami-0123456789abcdef0}\ninstanceType: t3.micro\ncapacity: {min: 1, max: 2}\n",
            $lines
        )
    };
}

/// A service of an image that is built.
macro_rules! baked {
    ($script:literal) => {
        small!(
            "\n+++\nimage: {build: {from: {id: ami-0123456789abcdef0}, script: '",
            $script,
            "', keep: 1}}\ninstanceType: t3.micro\ncapacity: {min: 1, max: 2}"
        )
    };
}

/// A head, and workers that only it reaches.
const CLUSTER: &str = small!(
    "\n+++\nimage: {id: ami-0123456789abcdef0}\ninstanceType: t3.micro\ncapacity: {min: 1, max: 1}",
    "\n+++\nimage: {id: ami-0123456789abcdef0}\ninstanceTypes: [t3.micro, t3a.micro]\nspot: {percent: 50}\ncapacity: {min: 1, max: 3}",
    "\ningress: [{portRange: '50051-50060', from: {service: web}}]"
);

/// All that an Auto Scaling group can have.
const SCALED: &str = jobs!(
    "scaling: [{targetTracking: {metric: AverageCPU, target: 70}}, {name: steps, step: {unit: Instances, steps: [{from: 0, change: 1}]}}, {name: morning, scheduled: {cron: '0 8 * * *', min: 1}}]\nlifecycleHooks: [{name: drain, transition: Terminating, timeoutSeconds: 30}]\nwarmPool: {min: 1}\nsuspendedProcesses: [AZRebalance]"
);

/// A stack without services.
pub const SMALL: &str = small!();
const MOUNTABLE: &str =
    "availabilityZones: 1\nnatGateways: None\ndatabaseSubnets: false\n---\nfileSystem: {deletionPolicy: Delete}";
/// A service that mounts the files of its stack.
const MOUNTING: &str = "availabilityZones: 1\nnatGateways: None\ndatabaseSubnets: false\n---\nfileSystem: {deletionPolicy: Delete}\n+++\nimage: {id: ami-0123456789abcdef0}\ninstanceType: t3.micro\ncapacity: {min: 1, max: 2}\nmounts: [{fileSystem: stack, path: /mnt}]";

/// Services and their stacks, which together have every kind.
pub const SHAPES: [(&str, &str); 5] = [
    ("a service behind the load balancer", web!("80", "")),
    ("an image that is built", baked!("echo one")),
    ("scaling, a hook, a warm pool", SCALED),
    ("a head and its workers", CLUSTER),
    ("a service that mounts files", MOUNTING),
];

/// Changes of services, and services that come and go while their stack stays.
pub const UPDATES: [(&str, &str); 18] = [
    (balanced!(), web!("80", "")),
    (web!("80", ""), balanced!()),
    (web!("80", ""), web!("80", "\nuserData: echo two")),
    (web!("80", ""), web!("8080", "")),
    (
        web!("80", "\nhealthCheck: {path: /health}"),
        web!("80", "\nuserData: echo two\ndetailedMonitoring: true"),
    ),
    (
        web!(
            "80",
            "\nscaling: [{targetTracking: {metric: RequestsPerTarget, target: 500}}]"
        ),
        web!(
            "8080",
            "\nscaling: [{targetTracking: {metric: RequestsPerTarget, target: 500}}]"
        ),
    ),
    (
        web!("80", ""),
        balanced!(
            "\n+++\nimage: {id: ami-0123456789abcdef0}\ninstanceType: t3.micro\ncapacity: {min: 2, max: 4}\nport: 80"
        ),
    ),
    (SMALL, baked!("echo one")),
    (baked!("echo one"), baked!("echo two")),
    (baked!("echo one"), SMALL),
    (baked!("echo one"), jobs!("")),
    (jobs!(""), baked!("echo one")),
    (jobs!(""), SCALED),
    (SCALED, jobs!("")),
    (SCALED, SMALL),
    (SMALL, CLUSTER),
    (MOUNTABLE, MOUNTING),
    (MOUNTING, MOUNTABLE),
];

//! What databases go through in the fault suites: each on the smallest stack it can stand on.

/// Two zones without anything else.
macro_rules! small {
    ($lines:literal) => {
        concat!(
            "availabilityZones: 2\nnatGateways: None\ndatabaseSubnets: true\n%%%\n",
            $lines
        )
    };
}

/// A stack without a database.
pub const SMALL: &str = "availabilityZones: 2\nnatGateways: None\ndatabaseSubnets: true";

/// PostgreSQL with all that an instance can have.
pub const POSTGRES: &str = small!(
    "engine: postgres\nversion: \"16\"\ninstanceClass: db.t4g.micro\nstorage: {sizeGiB: 20}\ndatabase: orders\nparameters: {log_min_duration_statement: \"250\"}\nenhancedMonitoringSeconds: 60\nreadReplicas: 1\nconnectionSecret: {name: orders-db}\ncredentials: {passwordFrom: {secretKeyRef: {name: given, key: password}}}"
);
/// MySQL, as small as it can be.
pub const MYSQL: &str = small!(
    "engine: mysql\nversion: \"8.0\"\ninstanceClass: db.t4g.micro\nstorage: {sizeGiB: 20}\nhighAvailability: false"
);
/// MySQL that has grown.
const LARGER: &str = small!(
    "engine: mysql\nversion: \"8.0\"\ninstanceClass: db.t4g.small\nstorage: {sizeGiB: 40}\nhighAvailability: true\napplyChanges: Immediately\nbackups: {retentionDays: 14}"
);
/// Aurora with two members, a reader that AWS adds, and more where they are busy.
pub const AURORA: &str = small!(
    "engine: aurora-mysql\nversion: \"8.0\"\ninstanceClass: db.t4g.medium\ndatabase: bookstore\nparameters: {max_connections: \"500\"}\nconnectionSecret: {name: bookstore-db}\nreaderAutoScaling: {minReaders: 2, maxReaders: 4, targetCPUPercent: 60}"
);
/// Aurora with one member, and without parameters.
const LESS_AURORA: &str = small!(
    "engine: aurora-mysql\nversion: \"8.0\"\ninstanceClass: db.t4g.medium\ndatabase: bookstore\ninstances: 1\nconnectionSecret: {name: bookstore-db}"
);
/// Aurora of PostgreSQL with capacity in place of instances of a class.
pub const SERVERLESS: &str =
    small!("engine: aurora-postgresql\nversion: \"16\"\nserverless: {minACU: 0.5, maxACU: 4}\ninstances: 1");

/// MySQL whose password is given.
const OLDER: &str = small!(
    "engine: mysql\nversion: \"8.0\"\ninstanceClass: db.t4g.micro\nstorage: {sizeGiB: 20}\nhighAvailability: false\ncredentials: {passwordFrom: {secretKeyRef: {name: given, key: password}}}\nparameters: {max_connections: \"200\"}"
);
/// The same of another version, by a copy that takes over.
const NEWER: &str = small!(
    "engine: mysql\nversion: \"8.4\"\ninstanceClass: db.t4g.micro\nstorage: {sizeGiB: 20}\nhighAvailability: false\ncredentials: {passwordFrom: {secretKeyRef: {name: given, key: password}}}\nparameters: {max_connections: \"200\"}\nallowMajorVersionUpgrade: true\nupgradeStrategy: BlueGreen\nswitchOverTo: \"8.4\""
);

/// Databases and their stacks, which together have every kind.
pub const SHAPES: [(&str, &str); 4] = [
    ("PostgreSQL with a standby, a replica and parameters", POSTGRES),
    ("MySQL", MYSQL),
    ("Aurora of MySQL", AURORA),
    ("Aurora of PostgreSQL, serverless", SERVERLESS),
];

/// Changes of databases, and databases that come and go while their stack stays.
pub const UPDATES: [(&str, &str); 6] = [
    (SMALL, MYSQL),
    (MYSQL, SMALL),
    (MYSQL, LARGER),
    (AURORA, LESS_AURORA),
    (LESS_AURORA, AURORA),
    (OLDER, NEWER),
];

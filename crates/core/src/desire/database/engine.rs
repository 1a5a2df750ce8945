//! The engines, and what each is called where.

use hastack_api::managed_database::Engine;

use crate::resource::database::version::major;

/// AWS's word.
pub(super) const fn word(engine: Engine) -> &'static str {
    match engine {
        Engine::Postgres => "postgres",
        Engine::Mysql => "mysql",
        Engine::Mariadb => "mariadb",
        Engine::AuroraPostgresql => "aurora-postgresql",
        Engine::AuroraMysql => "aurora-mysql",
    }
}

/// Whether it has clusters rather than instances.
pub(crate) const fn is_aurora(engine: Engine) -> bool {
    match engine {
        Engine::Postgres | Engine::Mysql | Engine::Mariadb => false,
        Engine::AuroraPostgresql | Engine::AuroraMysql => true,
    }
}

/// What the URI of a database begins with, and what servicebinding.io calls its type.
pub(crate) const fn scheme(engine: Engine) -> &'static str {
    match engine {
        Engine::Postgres | Engine::AuroraPostgresql => "postgresql",
        Engine::Mysql | Engine::AuroraMysql | Engine::Mariadb => "mysql",
    }
}

/// What servicebinding.io calls its provider.
pub(crate) const fn provider(engine: Engine) -> &'static str {
    match engine {
        Engine::Postgres | Engine::Mysql | Engine::Mariadb => "aws-rds",
        Engine::AuroraPostgresql | Engine::AuroraMysql => "aws-aurora",
    }
}

/// The port it answers on where none is given.
pub(super) const fn port(engine: Engine) -> u16 {
    match engine {
        Engine::Postgres | Engine::AuroraPostgresql => 5432,
        Engine::Mysql | Engine::Mariadb | Engine::AuroraMysql => 3306,
    }
}

/// The family of parameter groups of a version, such as `postgres16` and `aurora-mysql8.0`.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithParamGroups.html>
pub(super) fn family(engine: Engine, version: &str) -> String {
    let engine = word(engine);
    format!("{engine}{}", major(engine, version))
}

//! What AWS accepts and what it refuses.

use std::collections::BTreeMap;

use hastack_core::cloud::{CloudError, CreateRequest, Deletion, ErrorKind, Reply};
use hastack_core::object::{Object, Phase};
use hastack_core::resource::default_security_group::{Peer, Rule};
use hastack_core::resource::{
    Change, Create, State, default_security_group, elastic_ip, internet_gateway, nat_gateway, route_table, subnet, vpc,
    vpc_endpoint,
};

use crate::fault::failure;
use crate::name;
use crate::world::World;

type Refusal = (ErrorKind, &'static str, String);

impl World {
    pub(crate) fn create(&mut self, request: &CreateRequest) -> Result<Object, CloudError> {
        let action = name::create(request.node.kind);
        let has_token = matches!(
            request.create,
            Create::NatGateway(_) | Create::RouteTable(_) | Create::VpcEndpoint(_)
        );
        if let Some(first) = self.tokens.get(&request.token).filter(|_| has_token) {
            return Ok(first.clone());
        }
        let state = self
            .new_state(&request.create)
            .map_err(|refusal| refused(action, refusal))?;
        let object = Object {
            id: String::new(),
            tags: request.tags.clone(),
            phase: Phase::Ready,
            created: None,
            state,
        };
        let object = self.add(object);
        match &object.state {
            State::Vpc(_) => self.add_default_group(&object.id),
            State::NatGateway(gateway) => self.associate(&gateway.allocation_id.clone(), Some(&object.id)),
            State::DefaultSecurityGroup(_)
            | State::InternetGateway(_)
            | State::RouteTable(_)
            | State::Subnet(_)
            | State::ElasticIp(_)
            | State::VpcEndpoint(_) => {}
        }
        if has_token {
            self.tokens.insert(request.token.clone(), object.clone());
        }
        Ok(object)
    }

    pub(crate) fn update(&mut self, object: &Object, change: &Change) -> Result<Reply, CloudError> {
        let action = name::update(change);
        self.check_change(&object.id, change)
            .map_err(|refusal| refused(action, refusal))?;
        let reply = match change {
            Change::RouteTable(route_table::Change::Associate { subnet_id }) => {
                self.disassociate(subnet_id);
                Reply {
                    part_id: Some(format!("association-{subnet_id}")),
                }
            }
            _ => Reply::default(),
        };
        if let Some(thing) = self.things.get_mut(&object.id) {
            match change {
                Change::Tags(change) => change.fold(&mut thing.object.tags),
                change => thing.object.state.fold(change, &reply),
            }
        }
        Ok(reply)
    }

    pub(crate) fn delete(&mut self, object: &Object) -> Result<Deletion, CloudError> {
        let action = name::delete(object.kind());
        let id = object.id.clone();
        match self.things.get(&id).map(|thing| thing.object.phase) {
            None | Some(Phase::Deleted) => return Ok(Deletion::Gone),
            Some(Phase::Deleting) => return Ok(Deletion::Started),
            Some(Phase::Pending | Phase::Ready | Phase::Failed) => {}
        }
        if let Some(user) = self.user_of(&id) {
            let message = format!("{id} has dependencies and cannot be deleted: {user}");
            return Err(refused(action, (ErrorKind::InUse, "DependencyViolation", message)));
        }
        if let State::NatGateway(_) = object.state {
            self.begin_deletion(&id);
            return Ok(Deletion::Started);
        }
        self.vanish(&id);
        Ok(Deletion::Gone)
    }

    /// Takes a resource away, and what goes with it.
    pub(crate) fn vanish(&mut self, id: &str) {
        let Some(thing) = self.things.remove(id) else { return };
        match &thing.object.state {
            State::Vpc(_) => self.things.retain(
                |_, other| !matches!(&other.object.state, State::DefaultSecurityGroup(group) if group.vpc_id == id),
            ),
            State::Subnet(_) => self.disassociate(id),
            State::NatGateway(gateway) => self.associate(&gateway.allocation_id, None),
            State::DefaultSecurityGroup(_)
            | State::InternetGateway(_)
            | State::RouteTable(_)
            | State::ElasticIp(_)
            | State::VpcEndpoint(_) => {}
        }
    }

    fn new_state(&self, create: &Create) -> Result<State, Refusal> {
        match create {
            Create::Vpc(vpc::Create { cidr }) => Ok(State::Vpc(vpc::State {
                cidr: cidr.clone(),
                dns_hostnames: Some(false),
            })),
            Create::DefaultSecurityGroup(never) => match *never {},
            Create::InternetGateway(internet_gateway::Create) => {
                Ok(State::InternetGateway(internet_gateway::State { vpc_id: None }))
            }
            Create::RouteTable(route_table::Create { vpc_id }) => {
                self.must_exist(vpc_id)?;
                let state = route_table::State {
                    vpc_id: vpc_id.clone(),
                    default_route: None,
                    associations: Vec::new(),
                };
                Ok(State::RouteTable(state))
            }
            Create::Subnet(create) => self.new_subnet(create),
            Create::ElasticIp(elastic_ip::Create) => {
                let public_ip = format!("198.51.100.{}", self.things.len() % 256);
                Ok(State::ElasticIp(elastic_ip::State {
                    public_ip,
                    association_id: None,
                }))
            }
            Create::NatGateway(create) => self.new_nat_gateway(create),
            Create::VpcEndpoint(vpc_endpoint::Create {
                vpc_id,
                service,
                route_table_ids,
            }) => {
                self.must_exist(vpc_id)?;
                for id in route_table_ids {
                    self.must_exist(id)?;
                }
                Ok(State::VpcEndpoint(vpc_endpoint::State {
                    vpc_id: vpc_id.clone(),
                    service: service.clone(),
                    route_table_ids: route_table_ids.clone(),
                }))
            }
        }
    }

    fn new_subnet(&self, create: &subnet::Create) -> Result<State, Refusal> {
        let subnet::Create { vpc_id, zone, cidr } = create;
        self.must_exist(vpc_id)?;
        let taken = self.things.values().any(|thing| {
            matches!(&thing.object.state, State::Subnet(other) if other.vpc_id == *vpc_id && other.cidr == *cidr)
        });
        if taken {
            let message = format!("The CIDR '{cidr}' conflicts with another subnet");
            return Err((ErrorKind::AlreadyExists, "InvalidSubnet.Conflict", message));
        }
        Ok(State::Subnet(subnet::State {
            vpc_id: vpc_id.clone(),
            zone: zone.clone(),
            cidr: cidr.clone(),
            assign_public_addresses: false,
        }))
    }

    fn new_nat_gateway(&self, create: &nat_gateway::Create) -> Result<State, Refusal> {
        let nat_gateway::Create {
            subnet_id,
            allocation_id,
        } = create;
        self.must_exist(subnet_id)?;
        self.must_exist(allocation_id)?;
        let vpc = match self.things.get(subnet_id).map(|thing| &thing.object.state) {
            Some(State::Subnet(subnet)) => subnet.vpc_id.clone(),
            _ => String::new(),
        };
        let attached = self.things.values().any(|thing| {
            matches!(&thing.object.state, State::InternetGateway(gateway) if gateway.vpc_id.as_ref() == Some(&vpc))
        });
        if !attached {
            return Err((
                ErrorKind::NotNow,
                "Gateway.NotAttached",
                format!("Network {vpc} has no Internet gateway attached"),
            ));
        }
        match self.things.get(allocation_id).map(|thing| &thing.object.state) {
            Some(State::ElasticIp(address)) if address.association_id.is_some() => Err((
                ErrorKind::AlreadyExists,
                "Resource.AlreadyAssociated",
                format!("{allocation_id} is associated"),
            )),
            Some(State::ElasticIp(address)) => Ok(State::NatGateway(nat_gateway::State {
                subnet_id: subnet_id.clone(),
                allocation_id: allocation_id.clone(),
                public_ip: Some(address.public_ip.clone()),
                failure: None,
            })),
            _ => Err((
                ErrorKind::Invalid,
                "InvalidParameterValue",
                format!("{allocation_id} is no address"),
            )),
        }
    }

    fn check_change(&self, id: &str, change: &Change) -> Result<(), Refusal> {
        self.must_exist(id)?;
        let state = self.things.get(id).map(|thing| &thing.object.state);
        match (change, state) {
            (Change::RouteTable(change), Some(State::RouteTable(table))) => match change {
                route_table::Change::CreateDefaultRoute(gateway)
                | route_table::Change::ReplaceDefaultRoute(gateway) => self.must_exist(gateway),
                route_table::Change::Associate { subnet_id } => self.must_exist(subnet_id),
                route_table::Change::DeleteDefaultRoute if table.default_route.is_none() => {
                    Err((ErrorKind::NotFound, "InvalidRoute.NotFound", "no such route".into()))
                }
                route_table::Change::DeleteDefaultRoute | route_table::Change::Disassociate(_) => Ok(()),
            },
            (Change::InternetGateway(internet_gateway::Change::Attach(vpc)), _) => self.must_exist(vpc),
            (Change::InternetGateway(internet_gateway::Change::Detach(vpc)), _) => self.check_detach(vpc),
            (Change::VpcEndpoint(vpc_endpoint::Change::RouteTables { add, remove: _ }), _) => {
                add.iter().try_for_each(|id| self.must_exist(id))
            }
            (_, _) => Ok(()),
        }
    }

    fn check_detach(&self, vpc: &str) -> Result<(), Refusal> {
        let mapped = self.things.values().any(|thing| match &thing.object.state {
            State::NatGateway(gateway) if thing.object.phase != Phase::Deleted => {
                matches!(self.things.get(&gateway.subnet_id).map(|thing| &thing.object.state),
                    Some(State::Subnet(subnet)) if subnet.vpc_id == vpc)
            }
            _ => false,
        });
        if mapped {
            let message = format!("Network {vpc} has some mapped public address(es)");
            return Err((ErrorKind::InUse, "DependencyViolation", message));
        }
        Ok(())
    }

    fn must_exist(&self, id: &str) -> Result<(), Refusal> {
        match self.things.get(id) {
            Some(thing) if !matches!(thing.object.phase, Phase::Deleted) => Ok(()),
            Some(_) | None => Err((ErrorKind::NotFound, "NotFound", format!("{id} does not exist"))),
        }
    }

    /// Something that keeps `id` from being deleted.
    fn user_of(&self, id: &str) -> Option<String> {
        let users = self
            .things
            .values()
            .map(|thing| &thing.object)
            .filter(|object| object.phase != Phase::Deleted);
        users
            .filter(|object| match &object.state {
                // Deleting a subnet ends its association; deleting a gateway leaves a black hole.
                State::RouteTable(table) => table.vpc_id == id,
                State::DefaultSecurityGroup(_) | State::Vpc(_) | State::ElasticIp(_) => false,
                State::VpcEndpoint(endpoint) => endpoint.vpc_id == id,
                State::InternetGateway(gateway) => gateway.vpc_id.as_deref() == Some(id),
                State::Subnet(subnet) => subnet.vpc_id == id,
                State::NatGateway(gateway) => gateway.subnet_id == id || gateway.allocation_id == id,
            })
            .map(|object| object.id.clone())
            .next()
            .or_else(|| match self.things.get(id).map(|thing| &thing.object.state) {
                Some(State::RouteTable(table)) => table.associations.first().map(|association| association.id.clone()),
                Some(State::InternetGateway(gateway)) => gateway.vpc_id.clone(),
                _ => None,
            })
    }

    fn associate(&mut self, allocation_id: &str, with: Option<&str>) {
        if let Some(thing) = self.things.get_mut(allocation_id)
            && let State::ElasticIp(address) = &mut thing.object.state
        {
            address.association_id = with.map(|id| format!("association-{id}"));
        }
    }

    fn disassociate(&mut self, subnet_id: &str) {
        for thing in self.things.values_mut() {
            if let State::RouteTable(table) = &mut thing.object.state {
                table
                    .associations
                    .retain(|association| association.subnet_id != subnet_id);
            }
        }
    }

    fn add_default_group(&mut self, vpc_id: &str) {
        let rule = |peer| Rule {
            protocol: "-1".into(),
            ports: None,
            peer,
        };
        let state = default_security_group::State {
            vpc_id: vpc_id.to_owned(),
            ingress: vec![rule(Peer::Group("self".into()))],
            egress: vec![rule(Peer::Cidr("0.0.0.0/0".into()))],
        };
        let state = State::DefaultSecurityGroup(state);
        self.add(Object {
            id: String::new(),
            tags: BTreeMap::new(),
            phase: Phase::Ready,
            created: None,
            state,
        });
    }
}

fn refused(action: &'static str, (kind, code, message): Refusal) -> CloudError {
    failure(action, kind, code, &message)
}

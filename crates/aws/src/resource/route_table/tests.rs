use aws_sdk_ec2::Client;
use aws_sdk_ec2::operation::associate_route_table::{AssociateRouteTableError, AssociateRouteTableOutput};
use aws_sdk_ec2::operation::create_route::{CreateRouteError, CreateRouteOutput};
use aws_sdk_ec2::operation::create_route_table::CreateRouteTableOutput;
use aws_sdk_ec2::operation::delete_route::DeleteRouteError;
use aws_sdk_ec2::operation::describe_route_tables::DescribeRouteTablesOutput;
use aws_sdk_ec2::operation::disassociate_route_table::DisassociateRouteTableError;
use aws_sdk_ec2::operation::replace_route::ReplaceRouteOutput;
use aws_sdk_ec2::operation::replace_route_table_association::ReplaceRouteTableAssociationOutput;
use aws_sdk_ec2::types::{Route, RouteTable, RouteTableAssociation, RouteTableAssociationState};
use aws_smithy_mocks::{Rule, mock};
use hastack_core::cloud::Cloud;
use hastack_core::resource::{Change as AnyChange, Create as AnyCreate};

use super::*;
use crate::testing::{aws, object, refusal, request};

fn state() -> State {
    State {
        vpc_id: "vpc-1".into(),
        default_route: None,
        associations: vec![],
    }
}

async fn update(rules: &[Rule], change: Change) -> Result<Reply, CloudError> {
    let (aws, _) = aws(rules);
    let table = object("rtb-1", AnyState::RouteTable(state()));
    aws.update(&table, &AnyChange::RouteTable(change)).await
}

fn shown(id: &str, associations: Vec<RouteTableAssociation>) -> RouteTable {
    RouteTable::builder()
        .route_table_id(id)
        .vpc_id("vpc-1")
        .set_associations(Some(associations))
        .build()
}

fn association_of(subnet: &str, state: &str) -> RouteTableAssociation {
    let state = RouteTableAssociationState::builder().state(state.into()).build();
    RouteTableAssociation::builder()
        .route_table_association_id(format!("rtbassoc-{subnet}"))
        .subnet_id(subnet)
        .association_state(state)
        .build()
}

fn followed_by(table: &'static str) -> Rule {
    mock!(Client::describe_route_tables)
        .match_requests(|input| {
            let filter = &input.filters()[0];
            filter.name() == Some("association.subnet-id") && filter.values() == ["subnet-1"]
        })
        .then_output(move || {
            DescribeRouteTablesOutput::builder()
                .route_tables(shown(table, vec![association_of("subnet-1", "associated")]))
                .build()
        })
}

fn refused_association() -> Rule {
    mock!(Client::associate_route_table)
        .match_requests(|input| input.route_table_id() == Some("rtb-1") && input.subnet_id() == Some("subnet-1"))
        .then_error(|| AssociateRouteTableError::generic(refusal("Resource.AlreadyAssociated")))
}

fn associate() -> Change {
    Change::Associate {
        subnet_id: "subnet-1".into(),
    }
}

#[tokio::test]
async fn a_table_is_created_with_the_token() {
    let create = mock!(Client::create_route_table)
        .match_requests(|input| {
            input.client_token() == Some("t0k3n")
                && input.vpc_id() == Some("vpc-1")
                && input.tag_specifications()[0].resource_type() == Some(&ResourceType::RouteTable)
        })
        .then_output(|| {
            CreateRouteTableOutput::builder()
                .route_table(shown("rtb-1", vec![]))
                .build()
        });
    let (aws, _) = aws(&[create]);
    let wanted = Create { vpc_id: "vpc-1".into() };
    let made = aws
        .create(&request(Kind::RouteTable, AnyCreate::RouteTable(wanted)))
        .await
        .unwrap();
    assert_eq!(made.state, AnyState::RouteTable(state()));
}

#[tokio::test]
async fn a_table_shows_its_default_route_and_the_subnets_that_follow_it() {
    let page = mock!(Client::describe_route_tables)
        .match_requests(|input| input.max_results() == Some(100))
        .then_output(|| {
            let route = |to: &str| Route::builder().destination_cidr_block(to);
            let main = RouteTableAssociation::builder()
                .route_table_association_id("rtbassoc-main")
                .main(true);
            let associations = vec![
                main.build(),
                association_of("subnet-1", "associating"),
                association_of("subnet-2", "disassociating"),
                association_of("subnet-3", "disassociated"),
            ];
            let mut table = shown("rtb-1", associations);
            table.routes = Some(vec![
                route("10.0.0.0/16").gateway_id("local").build(),
                route("0.0.0.0/0").nat_gateway_id("nat-1").build(),
            ]);
            DescribeRouteTablesOutput::builder().route_tables(table).build()
        });
    let (aws, _) = aws(&[page]);
    let expected = State {
        default_route: Some("nat-1".into()),
        associations: vec![Association {
            id: "rtbassoc-subnet-1".into(),
            subnet_id: "subnet-1".into(),
        }],
        ..state()
    };
    let seen = aws.sweep(Kind::RouteTable, &[]).await.unwrap();
    assert_eq!(seen[0].state, AnyState::RouteTable(expected));
}

#[tokio::test]
async fn a_default_route_names_its_target_by_what_it_is() {
    for (gateway, internet, nat) in [("igw-1", Some("igw-1"), None), ("nat-1", None, Some("nat-1"))] {
        let create = mock!(Client::create_route)
            .match_requests(move |input| {
                input.destination_cidr_block() == Some("0.0.0.0/0")
                    && input.gateway_id() == internet
                    && input.nat_gateway_id() == nat
            })
            .then_output(|| CreateRouteOutput::builder().build());
        update(&[create], Change::CreateDefaultRoute(gateway.into()))
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_default_route_that_is_there_already_is_replaced() {
    let create = mock!(Client::create_route).then_error(|| CreateRouteError::generic(refusal("RouteAlreadyExists")));
    let replace = mock!(Client::replace_route)
        .match_requests(|input| input.route_table_id() == Some("rtb-1") && input.nat_gateway_id() == Some("nat-1"))
        .then_output(|| ReplaceRouteOutput::builder().build());
    let change = Change::CreateDefaultRoute("nat-1".into());
    update(&[create, replace], change).await.unwrap();
}

#[tokio::test]
async fn removing_a_route_that_is_gone_is_no_error() {
    let gone = mock!(Client::delete_route).then_error(|| DeleteRouteError::generic(refusal("InvalidRoute.NotFound")));
    update(&[gone], Change::DeleteDefaultRoute).await.unwrap();
}

#[tokio::test]
async fn an_association_is_known_by_its_id() {
    let made = mock!(Client::associate_route_table).then_output(|| {
        AssociateRouteTableOutput::builder()
            .association_id("rtbassoc-9")
            .build()
    });
    let reply = update(&[made], associate()).await.unwrap();
    assert_eq!(reply.part_id.as_deref(), Some("rtbassoc-9"));
}

#[tokio::test]
async fn a_subnet_that_follows_another_table_is_moved() {
    let replace = mock!(Client::replace_route_table_association)
        .match_requests(|input| {
            input.association_id() == Some("rtbassoc-subnet-1") && input.route_table_id() == Some("rtb-1")
        })
        .then_output(|| {
            ReplaceRouteTableAssociationOutput::builder()
                .new_association_id("rtbassoc-9")
                .build()
        });
    let rules = [refused_association(), followed_by("rtb-2"), replace];
    let reply = update(&rules, associate()).await.unwrap();
    assert_eq!(reply.part_id.as_deref(), Some("rtbassoc-9"));
}

#[tokio::test]
async fn a_subnet_that_follows_this_table_already_stays() {
    let rules = [refused_association(), followed_by("rtb-1")];
    let reply = update(&rules, associate()).await.unwrap();
    assert_eq!(reply.part_id.as_deref(), Some("rtbassoc-subnet-1"));
}

#[tokio::test]
async fn a_subnet_that_follows_nothing_when_looked_at_is_looked_at_again_later() {
    let nobody = mock!(Client::describe_route_tables).then_output(|| DescribeRouteTablesOutput::builder().build());
    let error = update(&[refused_association(), nobody], associate()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::AlreadyExists);
}

#[tokio::test]
async fn ending_an_association_that_is_gone_is_no_error() {
    let gone = mock!(Client::disassociate_route_table)
        .match_requests(|input| input.association_id() == Some("rtbassoc-1"))
        .then_error(|| DisassociateRouteTableError::generic(refusal("InvalidAssociationID.NotFound")));
    let change = Change::Disassociate(Association {
        id: "rtbassoc-1".into(),
        subnet_id: "subnet-1".into(),
    });
    update(&[gone], change).await.unwrap();
}

"""Elastic Load Balancing v2: listeners, their actions, certificates and attributes."""

import pytest

from conftest import CERTIFICATE, NOT_FOUND, issued, refused


def test_the_same_call_makes_one_listener(balanced, aws):
    made, group = balanced.balancer(), balanced.target_group()
    assert balanced.listener(made, group) == balanced.listener(made, group)
    assert len(aws.elbv2.describe_listeners(LoadBalancerArn=made)["Listeners"]) == 1


def test_a_second_listener_of_a_port_is_refused(balanced):
    made, group = balanced.balancer(), balanced.target_group()
    balanced.listener(made, group)
    with refused("DuplicateListener"):
        balanced.listener(made, balanced.target_group("other"))


def test_a_listener_is_not_moved_to_a_taken_port(balanced, aws):
    made, group = balanced.balancer(), balanced.target_group()
    balanced.listener(made, group)
    other = balanced.listener(made, group, Port=8080)
    with refused("DuplicateListener"):
        aws.elbv2.modify_listener(ListenerArn=other, Port=80)


def test_https_needs_a_certificate(balanced):
    with refused("ValidationError", "certificate"):
        balanced.listener(balanced.balancer(), balanced.target_group(), Protocol="HTTPS", Port=443)


def test_https_takes_an_issued_certificate(balanced, aws):
    https = {"Protocol": "HTTPS", "Port": 443, "Certificates": [{"CertificateArn": CERTIFICATE}]}
    made = balanced.listener(balanced.balancer(), balanced.target_group(), **https)
    (shown,) = aws.elbv2.describe_listeners(ListenerArns=[made])["Listeners"]
    assert shown["Certificates"] == [{"CertificateArn": CERTIFICATE}]


def test_https_refuses_an_unknown_certificate(balanced):
    https = {"Protocol": "HTTPS", "Port": 443, "Certificates": [{"CertificateArn": CERTIFICATE[:-1] + "9"}]}
    with refused("CertificateNotFound"):
        balanced.listener(balanced.balancer(), balanced.target_group(), **https)


def test_https_refuses_a_certificate_that_is_not_issued(balanced, aws):
    pending = aws.acm.request_certificate(DomainName="a.example.com", ValidationMethod="DNS")["CertificateArn"]
    https = {"Protocol": "HTTPS", "Port": 443, "Certificates": [{"CertificateArn": pending}]}
    with refused("UnsupportedCertificate"):
        balanced.listener(balanced.balancer(), balanced.target_group(), **https)


def test_a_listener_has_http_attributes(balanced, aws):
    made = balanced.listener(balanced.balancer(), balanced.target_group())
    wanted = [{"Key": "routing.http.response.server.enabled", "Value": "false"}]
    aws.elbv2.modify_listener_attributes(ListenerArn=made, Attributes=wanted)
    shown = aws.elbv2.describe_listener_attributes(ListenerArn=made)["Attributes"]
    assert wanted[0] in shown
    assert "tcp.idle_timeout.seconds" not in {attribute["Key"] for attribute in shown}


def test_an_unknown_listener_attribute_is_refused(balanced, aws):
    made = balanced.listener(balanced.balancer(), balanced.target_group())
    with refused("InvalidConfigurationRequest"):
        aws.elbv2.modify_listener_attributes(ListenerArn=made, Attributes=[{"Key": "no.such", "Value": "1"}])


def test_a_rule_is_found_and_the_default_rule_stays(balanced, aws):
    listener = balanced.listener(balanced.balancer(), balanced.target_group())
    (default,) = aws.elbv2.describe_rules(ListenerArn=listener)["Rules"]
    with refused("OperationNotPermitted"):
        aws.elbv2.delete_rule(RuleArn=default["RuleArn"])
    with refused("RuleNotFound"):
        aws.elbv2.delete_rule(RuleArn=default["RuleArn"] + "0")


HTTPS = {"Protocol": "HTTPS", "Port": 443, "Certificates": [{"CertificateArn": CERTIFICATE}]}
TO_HTTPS = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}


@pytest.fixture
def served(balanced):
    """A load balancer that answers 404."""
    return Served(balanced)


class Served:
    def __init__(self, balanced):
        self.elb, self.balancer = balanced.elb, balanced.balancer()

    def listener(self, **changes):
        wanted = {"LoadBalancerArn": self.balancer, "Protocol": "HTTP", "Port": 80, "DefaultActions": [NOT_FOUND]}
        return self.elb.create_listener(**wanted | changes)["Listeners"][0]["ListenerArn"]

    def shown(self, listener):
        return self.elb.describe_listeners(ListenerArns=[listener])["Listeners"][0]

    def certificates(self, listener):
        found = self.elb.describe_listener_certificates(ListenerArn=listener)["Certificates"]
        return [(certificate["CertificateArn"], certificate["IsDefault"]) for certificate in found]


def test_the_default_action_is_a_fixed_response(served):
    (action,) = served.shown(served.listener())["DefaultActions"]
    assert (action["Type"], action["FixedResponseConfig"]["StatusCode"]) == ("fixed-response", "404")


def test_the_default_action_becomes_a_redirect(served, aws):
    made = served.listener()
    aws.elbv2.modify_listener(ListenerArn=made, DefaultActions=[TO_HTTPS])
    (action,) = served.shown(made)["DefaultActions"]
    assert action["Type"] == "redirect"
    assert TO_HTTPS["RedirectConfig"].items() <= action["RedirectConfig"].items()


@pytest.mark.parametrize("config", [{"Protocol": "HTTP"}, {"Port": "80"}, {}])
def test_a_redirect_to_itself_is_refused(served, config):
    action = {"Type": "redirect", "RedirectConfig": config | {"StatusCode": "HTTP_302"}}
    with refused("InvalidLoadBalancerAction", "loop"):
        served.listener(DefaultActions=[action])


def test_https_is_not_redirected_to_http(served, aws):
    action = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTP", "Port": "80", "StatusCode": "HTTP_301"}}
    with refused("InvalidLoadBalancerAction"):
        aws.elbv2.modify_listener(ListenerArn=served.listener(**HTTPS), DefaultActions=[action])


def test_an_http_listener_has_neither_policy_nor_certificate(served):
    shown = served.shown(served.listener())
    assert {"SslPolicy", "Certificates"}.isdisjoint(shown)
    with refused("InvalidConfigurationRequest"):
        served.listener(Port=81, Certificates=HTTPS["Certificates"])


def test_the_policy_is_given_and_changed(served, aws):
    made = served.listener(**HTTPS, SslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06")
    assert served.shown(made)["SslPolicy"] == "ELBSecurityPolicy-TLS13-1-2-2021-06"
    aws.elbv2.modify_listener(ListenerArn=made, SslPolicy="ELBSecurityPolicy-TLS13-1-3-2021-06")
    assert served.shown(made)["SslPolicy"] == "ELBSecurityPolicy-TLS13-1-3-2021-06"
    assert served.shown(made)["Certificates"] == HTTPS["Certificates"]


def test_an_unknown_policy_is_refused(served, aws):
    with refused("SSLPolicyNotFound"):
        served.listener(**HTTPS, SslPolicy="ELBSecurityPolicy-None")
    with refused("SSLPolicyNotFound"):
        aws.elbv2.modify_listener(ListenerArn=served.listener(**HTTPS), SslPolicy="ELBSecurityPolicy-None")


def test_the_default_certificate_is_exchanged_for_an_issued_one(served, aws):
    made, other = served.listener(**HTTPS), issued(aws)
    pending = aws.acm.request_certificate(DomainName="p.example.org", ValidationMethod="DNS")["CertificateArn"]
    with refused("UnsupportedCertificate"):
        aws.elbv2.modify_listener(ListenerArn=made, Certificates=[{"CertificateArn": pending}])
    with refused("CertificateNotFound"):
        aws.elbv2.modify_listener(ListenerArn=made, Certificates=[{"CertificateArn": CERTIFICATE[:-1] + "9"}])
    aws.elbv2.modify_listener(ListenerArn=made, Certificates=[{"CertificateArn": other}])
    assert served.shown(made)["Certificates"] == [{"CertificateArn": other}]


def test_certificates_are_added_beside_the_default(served, aws):
    made, other = served.listener(**HTTPS), issued(aws)
    for _ in range(2):
        aws.elbv2.add_listener_certificates(ListenerArn=made, Certificates=[{"CertificateArn": other}])
    assert served.certificates(made) == [(CERTIFICATE, True), (other, False)]
    assert served.shown(made)["Certificates"] == [{"CertificateArn": CERTIFICATE}]
    assert aws.acm.describe_certificate(CertificateArn=other)["Certificate"]["InUseBy"] == [served.balancer]
    with refused("ResourceInUseException"):
        aws.acm.delete_certificate(CertificateArn=other)


def test_added_certificates_outlive_a_new_default(served, aws):
    made, added, default = served.listener(**HTTPS), issued(aws), issued(aws, "b.example.org")
    aws.elbv2.add_listener_certificates(ListenerArn=made, Certificates=[{"CertificateArn": added}])
    aws.elbv2.modify_listener(ListenerArn=made, Certificates=[{"CertificateArn": default}])
    assert served.certificates(made) == [(default, True), (added, False)]


def test_the_default_certificate_is_listed_twice_when_it_is_added(served, aws):
    made = served.listener(**HTTPS)
    aws.elbv2.add_listener_certificates(ListenerArn=made, Certificates=HTTPS["Certificates"])
    assert served.certificates(made) == [(CERTIFICATE, True), (CERTIFICATE, False)]


def test_an_added_certificate_is_removed_and_the_default_stays(served, aws):
    made, other = served.listener(**HTTPS), issued(aws)
    aws.elbv2.add_listener_certificates(ListenerArn=made, Certificates=[{"CertificateArn": other}])
    aws.elbv2.remove_listener_certificates(ListenerArn=made, Certificates=[{"CertificateArn": other}])
    with refused("OperationNotPermitted"):
        aws.elbv2.remove_listener_certificates(ListenerArn=made, Certificates=HTTPS["Certificates"])
    assert served.certificates(made) == [(CERTIFICATE, True)]
    aws.acm.delete_certificate(CertificateArn=other)


@pytest.mark.parametrize(
    "arn,code", [(CERTIFICATE[:-1] + "9", "CertificateNotFound"), (None, "UnsupportedCertificate")]
)
def test_only_an_issued_certificate_is_added(served, aws, arn, code):
    arn = arn or aws.acm.request_certificate(DomainName="p.example.org", ValidationMethod="DNS")["CertificateArn"]
    with refused(code):
        made = served.listener(**HTTPS)
        aws.elbv2.add_listener_certificates(ListenerArn=made, Certificates=[{"CertificateArn": arn}])


def test_a_listener_changes_its_protocol(served, aws):
    made = served.listener(Port=443)
    with refused("ValidationError", "certificate"):
        aws.elbv2.modify_listener(ListenerArn=made, Protocol="HTTPS")
    aws.elbv2.modify_listener(ListenerArn=made, Protocol="HTTPS", Certificates=HTTPS["Certificates"])
    assert served.shown(made)["SslPolicy"] == "ELBSecurityPolicy-2016-08"
    aws.elbv2.modify_listener(ListenerArn=made, Protocol="HTTP")
    assert {"SslPolicy", "Certificates"}.isdisjoint(served.shown(made))


def test_listeners_are_listed_by_load_balancer_or_by_arn(served, aws):
    made = [served.listener(), served.listener(**HTTPS)]
    for wanted in ({"LoadBalancerArn": served.balancer}, {"ListenerArns": made}):
        found = aws.elbv2.describe_listeners(**wanted)["Listeners"]
        assert sorted(listener["ListenerArn"] for listener in found) == sorted(made)
    with refused("ListenerNotFound"):
        aws.elbv2.describe_listeners(ListenerArns=[made[0], made[1] + "0"])
    with refused("ValidationError"):
        aws.elbv2.describe_listeners()


def test_a_deleted_load_balancer_takes_its_listeners_along(served, aws):
    made = served.listener(**HTTPS)
    aws.elbv2.delete_load_balancer(LoadBalancerArn=served.balancer)
    with refused("ListenerNotFound"):
        served.shown(made)
    with refused("ListenerNotFound"):
        aws.elbv2.describe_tags(ResourceArns=[made])
    aws.acm.delete_certificate(CertificateArn=CERTIFICATE)


def test_an_unknown_listener_is_not_deleted(served, aws):
    made = served.listener()
    aws.elbv2.delete_listener(ListenerArn=made)
    with refused("ListenerNotFound"):
        aws.elbv2.delete_listener(ListenerArn=made)

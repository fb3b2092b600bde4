"""Who may come in, how long they stay, and what a foreign page cannot make them do."""

from datetime import timedelta

from sqlalchemy import select

from engine.models import SignIn
from tests.browser.house import PASSWORD, House
from tests.pages.conftest import Client, sign_in, token


def test_a_page_sends_a_stranger_to_sign_in_and_back(house: House):
    client = house.app.test_client()

    sent = client.get("/cases?q=3")
    assert sent.location == "/sign-in?next=/cases?q%3D3"

    form = {"username": "yj-cs_manager", "password": PASSWORD, "next": "/cases?q=3",
            "csrf_token": token(client, "/sign-in")}  # fmt: skip
    assert client.post("/sign-in", data=form).location == "/cases?q=3"


def test_a_foreign_address_is_no_way_back(house: House):
    client = house.app.test_client()
    form = {"username": "yj-cs_manager", "password": PASSWORD, "next": "//evil.example/",
            "csrf_token": token(client, "/sign-in")}  # fmt: skip

    assert client.post("/sign-in", data=form).location == "/"


def test_each_sign_in_has_a_new_secret_that_the_database_does_not_know(house: House):
    client = house.app.test_client()
    first, second = sign_in(client, "yj-cs_manager"), sign_in(client, "yj-cs_manager")

    secrets = [answer.headers["Set-Cookie"].split(";")[0] for answer in (first, second)]
    assert secrets[0] != secrets[1]
    assert "HttpOnly" in first.headers["Set-Cookie"]
    assert "SameSite=Lax" in first.headers["Set-Cookie"]
    with house.database.read() as session:
        kept = set(session.scalars(select(SignIn.hash)))
    assert not kept & {secret.partition("=")[2] for secret in secrets}


def test_wrong_password_and_unknown_name_get_the_same_answer_and_then_wait(house: House):
    client = house.app.test_client()

    wrong = sign_in(client, "yj-eng_worker", "not-the-password")
    unknown = sign_in(client, "nobody-of-ours", "not-the-password")
    assert (wrong.status_code, unknown.status_code) == (422, 422)
    assert "用户名或密码不对" in wrong.text
    assert wrong.text.count("用户名或密码不对") == unknown.text.count("用户名或密码不对")

    answers = [sign_in(client, "yj-eng_worker", "not-the-password") for _ in range(5)]
    assert answers[-1].status_code == 429
    house.moment += timedelta(hours=2)
    assert sign_in(client, "yj-eng_worker").status_code == 303


def test_signing_out_ends_the_sign_in_on_the_server(signed_in: Client):
    client = signed_in("yj-cs_manager")
    secret = client.get_cookie("wuyeflow")
    client.post("/sign-out", data={"csrf_token": token(client)})
    client.set_cookie("wuyeflow", secret.value)

    assert client.get("/").status_code == 302


def test_an_unused_sign_in_ends_by_itself(house: House, signed_in: Client):
    client = signed_in("yj-cs_manager")

    house.moment += timedelta(days=11)

    assert client.get("/").status_code == 302


def test_an_unsafe_request_without_the_token_changes_nothing(signed_in: Client):
    client = signed_in("yj-cs_manager")

    answer = client.post("/account", data={"locale": "en", "theme": "dark"})

    assert answer.status_code == 400
    assert "刷新页面" in answer.text
    assert 'lang="zh-CN"' in client.get("/account").text


def test_a_token_from_another_site_is_refused(signed_in: Client):
    client = signed_in("yj-cs_manager")
    form = {"locale": "en", "theme": "dark", "csrf_token": token(client)}

    answer = client.post("/account", data=form, headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 400


def test_every_answer_keeps_others_from_framing_and_scripting_it(house: House):
    headers = house.app.test_client().get("/sign-in").headers

    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_new_password_ends_other_sign_ins_and_needs_the_old_one(signed_in: Client):
    here, elsewhere = signed_in("yj-cs_assistant-2"), signed_in("yj-cs_assistant-2")
    form = {"new": "another-password", "again": "another-password", "csrf_token": token(here)}

    assert here.post("/account/password", data={**form, "old": "guess"}).status_code == 422
    assert here.post("/account/password", data={**form, "old": PASSWORD}).status_code == 303

    assert here.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 302


def test_a_script_gets_a_problem_and_no_page(house: House):
    answer = house.app.test_client().get("/live", headers={"Accept": "application/json"})

    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"
    assert answer.json["code"] == "not-signed-in"

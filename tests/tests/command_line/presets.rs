//! Known servers to start a configuration from, by the command line.

use keywright_tests::Cli;

#[test]
fn a_preset_fills_the_configuration_in_and_what_is_typed_wins() {
    let cli = Cli::with_vault();
    let listed = cli.run(&["config", "presets"]).json();
    let keycloak = listed["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["id"] == "keycloak")
        .unwrap();
    assert_eq!(keycloak["blanks"][0]["value"], "host");

    let add = |name, more: &[&str]| {
        let mut arguments = vec!["config", "add", name, "--preset", "keycloak"];
        arguments.extend(more);
        cli.run(&arguments)
    };
    let filled = ["--fill", "host=id.example", "--fill", "realm=main"];
    let whole = add("Whole", &filled).json();
    assert_eq!(whole["issuer"], "https://id.example/realms/main");
    assert_eq!(
        whole["settings"]["registration_endpoint"],
        "https://id.example/realms/main/clients-registrations/openid-connect"
    );
    let typed = "registration_endpoint=https://id.example/own";
    let more = [&filled[..], &["--set", typed]].concat();
    assert_eq!(
        add("Typed", &more).json()["settings"]["registration_endpoint"],
        "https://id.example/own"
    );

    for wrong in [
        &["--fill", "host=id.example"][..],
        &[&filled[..], &["--fill", "colour=red"]].concat(),
    ] {
        assert_eq!(add("Wrong", wrong).code, 2, "{wrong:?}");
    }
    let all = cli.run(&["config", "list"]).json();
    assert_eq!(all["total"], 2, "nothing wrong was saved");
}

use super::*;

fn load(toml: &str, variables: &[(&str, &str)]) -> Result<LoadedSettings, SettingsError> {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("tidewire.toml");
    std::fs::write(&file, toml).unwrap();
    let variables = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    LoadedSettings::from_variables(Some(&file), variables)
}

fn refusal(toml: &str, variables: &[(&str, &str)]) -> String {
    load(toml, variables).unwrap_err().to_string()
}

#[test]
fn the_environment_overrules_the_file() {
    let loaded = load(
        "[server]\nport = 9000\nmax_body_bytes = 10\n",
        &[
            ("TIDEWIRE_SERVER__PORT", "9001"),
            ("TIDEWIRE_DATA_DIR", "/data"),
        ],
    )
    .unwrap();
    assert_eq!(loaded.settings.server.port, 9001);
    assert_eq!(loaded.settings.server.max_body_bytes, 10);
    assert_eq!(loaded.data_dir, PathBuf::from("/data"));
}

#[test]
fn port_is_what_platforms_set_and_the_full_name_overrules_it() {
    assert_eq!(
        load("", &[("PORT", "7000")]).unwrap().settings.server.port,
        7000
    );
    let both = [("PORT", "7000"), ("TIDEWIRE_SERVER__PORT", "7001")];
    assert_eq!(load("", &both).unwrap().settings.server.port, 7001);
}

#[test]
fn names_are_listed_with_commas_in_the_environment() {
    let loaded = load("", &[("TIDEWIRE_SERVER__HOSTS", "a.example,b.example")]).unwrap();
    assert_eq!(loaded.settings.server.hosts, ["a.example", "b.example"]);
    let loaded = load("", &[("TIDEWIRE_BEDROCK__PROFILE", "123")]).unwrap();
    assert_eq!(loaded.settings.bedrock.profile.as_deref(), Some("123"));
}

#[test]
fn lists_come_from_the_environment_as_json() {
    let models = r#"[{"id":"claude","provider":"bedrock","upstream_id":"eu.anthropic.x"}]"#;
    let loaded = load("", &[("TIDEWIRE_MODELS", models)]).unwrap();
    assert_eq!(
        loaded.settings.models[0].upstream_id.as_deref(),
        Some("eu.anthropic.x")
    );
    let error = refusal("", &[("TIDEWIRE_MODELS", "claude")]);
    assert!(error.contains("TIDEWIRE_MODELS"), "{error}");
}

#[test]
fn what_is_unknown_or_malformed_stops_the_start_and_is_named() {
    let error = refusal("[server]\nprot = 1\n", &[]);
    assert!(error.contains("prot") && error.contains("port"), "{error}");
    let error = refusal("", &[("TIDEWIRE_SERVER__PORT", "eighty")]);
    assert!(
        error.contains("server.port") && error.contains("eighty"),
        "{error}"
    );
    let error = refusal("", &[("TIDEWIRE_NONSENSE", "1")]);
    assert!(error.contains("nonsense"), "{error}");
    let error = refusal("[turn]\nmax_seconds = 0\n", &[]);
    assert!(
        error.contains("turn.max_seconds") && error.contains("expected"),
        "{error}"
    );
    let error = refusal(
        "[[models]]\nid = \"m\"\nprovider = \"openai_compatible\"\n",
        &[],
    );
    assert!(error.contains("models.m.base_url"), "{error}");
    let error = refusal("[[models]]\nid = \"m\"\nprovider = \"closedai\"\n", &[]);
    assert!(
        error.contains("closedai") && error.contains("bedrock"),
        "{error}"
    );
    assert!(refusal("server = [", &[]).contains("tidewire.toml"));
}

#[test]
fn a_missing_file_is_an_error_only_where_it_was_named() {
    let missing = Path::new("/nonexistent/tidewire.toml");
    let error = LoadedSettings::from_variables(Some(missing), HashMap::new()).unwrap_err();
    assert!(
        error.to_string().contains("/nonexistent/tidewire.toml"),
        "{error}"
    );
}

#[test]
fn the_description_says_where_each_value_came_from_and_hides_secrets() {
    let toml = "[[models]]\nid = \"m\"\nprovider = \"openai_compatible\"\nbase_url = \"http://x/v1\"\napi_key = \"sk-very-secret\"\n";
    let loaded = load(toml, &[("TIDEWIRE_SERVER__PORT", "9001")]).unwrap();
    let text = loaded.describe();
    let line = |start: &str| {
        text.lines()
            .find(|line| line.starts_with(start))
            .unwrap_or_else(|| panic!("no {start} in {text}"))
            .to_owned()
    };
    assert!(
        line("server.port = 9001").ends_with("# TIDEWIRE_SERVER__PORT"),
        "{text}"
    );
    assert!(line("server.host").ends_with("# default"), "{text}");
    assert!(line("models[0].id").contains("tidewire.toml"), "{text}");
    assert!(line("models[0].api_key").contains("********"), "{text}");
    assert!(!text.contains("very-secret") && !format!("{loaded:?}").contains("very-secret"));
}

#[test]
fn an_openai_server_is_meant_when_its_variables_are_set() {
    assert!(load("", &[]).unwrap().openai.is_none());
    let loaded = load("", &[("OPENAI_API_KEY", "sk-x")]).unwrap();
    let openai = loaded.openai.unwrap();
    assert_eq!(openai.base_url, "https://api.openai.com/v1");
    assert!(!format!("{openai:?}").contains("sk-x"));
}

#[test]
fn lambda_is_answered_where_its_api_is_there_and_no_adapter_is() {
    let api = ("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001");
    let adapter = ("AWS_LWA_INVOKE_MODE", "response_stream");
    for (toml, variables, front) in [
        ("", &[][..], Front::Http),
        ("", &[api], Front::Lambda),
        ("", &[adapter], Front::Http),
        ("", &[api, adapter], Front::Http),
        ("[server]\nfront = \"http\"\n", &[api], Front::Http),
        ("[server]\nfront = \"lambda\"\n", &[], Front::Lambda),
    ] {
        let loaded = load(toml, variables).unwrap();
        assert_eq!(loaded.front, front, "{toml:?} {variables:?}");
    }
    let wrong = refusal("[server]\nfront = \"edge\"\n", &[]);
    assert!(wrong.contains("`lambda`"), "{wrong}");
}

//! What the offline model knows of words: those that say nothing about a subject, and those that
//! people ask with where the documentation says it otherwise. All in lower case.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

/// Words that say nothing about the subject of a question.
const STOP_WORDS: &str = "
a able about after again all already also always am an and another any anyone anything are
around as at be because been being best built but by can cannot cant could d describe did didnt
do does doesnt doing don done dont else everything exactly explain find first for from get
getting give go going good got had happen happened happening happens has have having hello help
here hey hi how howto i if im in instead into is isnt it its ive just know let like ll look
looking lot m made make many may maybe me might more most much must my myself need needed no not
now of off ok okay on one or our out please possible properly quick quickly re really right s
same say see shall should so some somehow someone something such sure t tell than thank thanks
that thats the their them then there these they thing things this those to too try trying up us
use used using ve very via want wanted wants was way we well were what whats when where whether
which while who why will with without wont work working works would yes you your
";

/// Words that say little: they stand in questions of every kind.
const WEAK_WORDS: &str = "
access account actually add allow allowed available behind big change check choose code
configure connect create current default differ difference different display easy enable enough
ensure example fast faster file format full generate generating generation handle hook instance
keep kind large list long lose lost name new number own page part parts print project protect
put real require required running set setup show simple slow small sort specific start started
support supported survive take takes tidewire turn type usually write
";

/// What people ask with, and what to look for besides. Words that hang together stand for a
/// phrase; those with a `!` mean the same thing and not just something near it. Asked words stand
/// without endings.
const SYNONYMS: &str = "
aws amazon claude anthropic nova sonnet haiku opus = bedrock!
ollama vllm llama llamacpp lmstudio gpt chatgpt openai mistral qwen deepseek openrouter groq gemini lm local = openai_compatible!
llm ai = model
model = provider
provider = model
connect hook integrate attach plug link = connect configure provider connection
key = token auth credential
token bearer = key
login signin log sign password authenticate authentication auth = auth authentication key token sign
secret credential = credential key secret
kill crash die dead restart oom = killed dies death crash interrupted restart lease
stop cancel abort halt end interrupt = stop cancel abort
reload refresh resume reconnect disconnect dropped lost lose connection = resume reload reconnect disconnect
config configure configuration setting option setup customize customise = configuration settings tidewire_toml
env environment variable = environment_variable environment
add create new generate issue define = add create set
change edit modify set switch = set change
remove delete erase drop purge = delete remove
port listen bind address host = port listen bind address
url link open = http address
install installation start begin launch run boot = run start cargo_run quickstart
beginner newcomer tutorial introduction = quickstart getting_started first
test ci = test cargo_test nextest
build compile = build compile cargo
deploy deployment production hosting = deploy lambda cdk
lambda serverless cloud = lambda deploy adapter
docker container kubernete podman = docker container dockerfile
cost price pricing cheap expensive money bill billing pay free = cost price usd
database db storage persist persistence save store = sqlite store database stored
backup restore = backup data_dir
history chat = conversation
conversation = chat
answer reply response generation = answer turn
ui frontend website page browser web = ui browser
app server service program daemon instance = process server app
process = server
api endpoint rest curl request = api endpoint http
stream streaming sse = stream sse events
user people account team colleague = user principal
limit quota budget maximum max = limit maximum
monitor monitoring metric observability trace logging = metrics trace log
health ready alive probe = healthz readyz
image picture photo = image
upgrade update migrate migration = upgrade migration version
contribute develop development developer = contributing development
license licence = license mit
secure security safe private privacy protect access = security private key auth
internet network = network offline
fast faster slow speed latency performance = performance latency
long longest = longest maximum timeout
project code = development
error fail failure problem broken troubleshoot wrong = error troubleshooting
offline demo = offline_model offline
structure design internal codebase = architecture crate
";

static STOP: LazyLock<HashSet<&str>> = LazyLock::new(|| STOP_WORDS.split_whitespace().collect());

static WEAK: LazyLock<HashSet<&str>> = LazyLock::new(|| WEAK_WORDS.split_whitespace().collect());

static OTHERS: LazyLock<HashMap<&str, Vec<&str>>> = LazyLock::new(|| {
    let mut others: HashMap<&str, Vec<&str>> = HashMap::new();
    for (asked, wanted) in SYNONYMS.lines().filter_map(|line| line.split_once('=')) {
        for word in asked.split_whitespace() {
            others
                .entry(word)
                .or_default()
                .extend(wanted.split_whitespace());
        }
    }
    others
});

/// Whether a word says nothing about the subject of a question.
pub(super) fn is_stop_word(word: &str) -> bool {
    STOP.contains(word)
}

/// Whether a word says little about the subject of a question.
pub(super) fn is_weak_word(word: &str) -> bool {
    WEAK.contains(word)
}

/// What to look for besides this word, and whether it means the same.
pub(super) fn list_synonyms(word: &str) -> impl Iterator<Item = (&'static str, bool)> {
    find_base(word)
        .and_then(|base| OTHERS.get(base))
        .into_iter()
        .flatten()
        .map(|wanted| match wanted.strip_suffix('!') {
            Some(wanted) => (wanted, true),
            None => (*wanted, false),
        })
        .filter(move |(wanted, _)| *wanted != word)
}

/// The word of which this is a form, where synonyms of it are known: "keys", "stopped", "using".
fn find_base(word: &str) -> Option<&'static str> {
    let known = |base: &str| OTHERS.get_key_value(base).map(|(base, _)| *base);
    known(word).or_else(|| {
        ["s", "es", "d", "ed", "ing"].iter().find_map(|ending| {
            let base = word.strip_suffix(ending)?;
            known(base)
                .or_else(|| known(&format!("{base}e")))
                // "Stopped": the last letter is doubled.
                .or_else(|| known(base.get(..base.len().checked_sub(1)?)?))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_is_listed_twice() {
        assert_eq!(STOP.len(), STOP_WORDS.split_whitespace().count());
        assert_eq!(WEAK.len(), WEAK_WORDS.split_whitespace().count());
        assert!(STOP.is_disjoint(&WEAK));
        assert!(OTHERS.keys().all(|asked| !STOP.contains(asked)));
    }

    #[test]
    fn every_line_of_synonyms_is_read() {
        for line in SYNONYMS.lines().filter(|line| !line.is_empty()) {
            let (asked, wanted) = line.split_once(" = ").expect("asked = wanted");
            assert!(
                !asked.trim().is_empty() && !wanted.trim().is_empty(),
                "{line}"
            );
        }
    }

    #[test]
    fn forms_have_the_synonyms_of_their_base() {
        for (form, base) in [
            ("keys", "key"),
            ("stopped", "stop"),
            ("crashes", "crash"),
            ("configuring", "configure"),
            ("died", "die"),
            ("killing", "kill"),
        ] {
            assert_eq!(find_base(form), Some(base));
        }
        assert_eq!(find_base("日s"), None);
        assert_eq!(find_base("s"), None);
        assert!(list_synonyms("keys").any(|(wanted, _)| wanted == "token"));
        assert!(list_synonyms("claude").eq([("bedrock", true)]));
        assert_eq!(list_synonyms("zebra").count(), 0);
    }
}

//! `tidewire key NAME`.

use tidewire_auth::{StaticKey, generate_key, hash_key};

/// Makes a key and prints it, once, with the setting that lets it in.
pub fn print_new_key(name: &str) -> anyhow::Result<()> {
    let key = generate_key()?;
    let hash = hash_key(&key);
    StaticKey::new(name, &hash)?;
    println!(
        "The key of {name}, shown this once:\n\n    {key}\n\n\
         Add this to tidewire.toml and restart:\n\n    \
         [[keys]]\n    name = \"{name}\"\n    sha256 = \"{hash}\"\n"
    );
    Ok(())
}

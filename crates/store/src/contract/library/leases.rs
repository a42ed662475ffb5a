//! Leases of collections.

use super::scene::{Subject, is_lost, name};
use crate::contract::scene::{alice, at};

/// While one has the lease nobody else gets it.
pub async fn one_of_two_gets_the_lease(subject: &Subject) {
    let ask = |library: &std::sync::Arc<dyn tidewire_domain::Library>| {
        let library = std::sync::Arc::clone(library);
        async move {
            let name = name();
            library
                .lease_collection(&alice(), &name, at(10), at(1010))
                .await
                .unwrap()
        }
    };
    let (one, two) = tokio::join!(ask(&subject.library), ask(&subject.other));
    assert!(one.is_some() != two.is_some(), "{one:?} {two:?}");
    assert_eq!(ask(&subject.library).await, None);
    let lease = one.or(two).unwrap();
    assert_eq!((lease.name, lease.version), (name(), 0));
}

/// Of many that ask at once one gets it.
pub async fn one_of_many_gets_the_lease(subject: &Subject) {
    let mut asked = Vec::new();
    for number in 0..16 {
        let library = if number % 2 == 0 {
            &subject.library
        } else {
            &subject.other
        };
        let library = std::sync::Arc::clone(library);
        asked.push(tokio::spawn(async move {
            library
                .lease_collection(&alice(), &name(), at(10), at(1010))
                .await
                .unwrap()
        }));
    }
    let mut given = 0;
    for answer in asked {
        given += u32::from(answer.await.unwrap().is_some());
    }
    assert_eq!(given, 1);
}

/// A lease that is not renewed is another's after its end, under the next epoch; the one that lost
/// it can do nothing more.
pub async fn a_lease_ends(subject: &Subject) {
    subject.read().await;
    let pending = subject.pending().await;
    let old = subject.lease().await;
    let library = &subject.other;
    let early = library
        .lease_collection(&alice(), &name(), at(1009), at(2000))
        .await
        .unwrap();
    assert_eq!(early, None);
    let new = library
        .lease_collection(&alice(), &name(), at(1010), at(2010))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(new.epoch, old.epoch + 1);

    assert!(is_lost(&subject.try_publish(&old, &pending).await));
    assert!(is_lost(
        &library.renew_collection(&alice(), &old, at(9000)).await
    ));
    assert_eq!(subject.pending().await, pending);
    assert_eq!(library.collections(&alice()).await.unwrap()[0].version, 0);
    // To give back what is lost takes nothing from the new holder.
    library.release_collection(&alice(), &old).await.unwrap();
    let held = library
        .lease_collection(&alice(), &name(), at(1011), at(2000))
        .await
        .unwrap();
    assert_eq!(held, None);
    subject.publish(&new, &pending).await;
}

/// A renewal and a publication keep the lease.
pub async fn a_lease_is_kept(subject: &Subject) {
    let lease = subject.lease().await;
    let library = &subject.library;
    library
        .renew_collection(&alice(), &lease, at(5000))
        .await
        .unwrap();
    let ask = async |millis| {
        let (name, alice) = (name(), alice());
        let asked = subject
            .other
            .lease_collection(&alice, &name, at(millis), at(millis + 1));
        asked.await.unwrap()
    };
    assert_eq!(ask(4999).await, None);
    // Until 1010, as it says.
    let lease = subject.publish(&lease, &[]).await;
    assert_eq!(ask(1009).await, None);
    let next = ask(1010).await.unwrap();
    assert_eq!((next.epoch, next.version), (lease.epoch + 1, 1));
}

/// What is given back is free at once.
pub async fn a_lease_is_given_back(subject: &Subject) {
    let lease = subject.lease().await;
    subject
        .library
        .release_collection(&alice(), &lease)
        .await
        .unwrap();
    let next = subject.lease().await;
    assert_eq!(next.epoch, lease.epoch + 1);
}

/// A publisher whose epoch is right and whose version is not publishes nothing.
pub async fn an_old_version_is_not_published(subject: &Subject) {
    let lease = subject.lease().await;
    let next = subject.publish(&lease, &[]).await;
    let newest = subject.publish(&next, &[]).await;
    assert!(is_lost(&subject.try_publish(&lease, &[]).await));
    assert_eq!(
        subject.other.collections(&alice()).await.unwrap()[0].version,
        newest.version
    );
}

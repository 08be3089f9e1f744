//! When nobody sits at the machine any more: it goes to sleep, or the session is locked.

/// Returns when that happens. Where nobody tells of it, it never returns, and only the lease ends the agent.
pub(crate) async fn wait_for_lock_or_sleep() {
    #[cfg(target_os = "linux")]
    match logind::wait_for_lock_or_sleep().await {
        Ok(()) => return,
        Err(error) => tracing::debug!(%error, "nobody tells of sleep and locks"),
    }
    std::future::pending::<()>().await;
}

#[cfg(target_os = "linux")]
mod logind {
    use futures::{
        StreamExt as _,
        future::{Either, select},
    };
    use zbus::{
        Connection, proxy,
        zvariant::{OwnedFd, OwnedObjectPath},
    };

    #[proxy(
        interface = "org.freedesktop.login1.Manager",
        default_service = "org.freedesktop.login1",
        default_path = "/org/freedesktop/login1"
    )]
    trait Manager {
        /// While the answer is held, the machine waits for us before it sleeps.
        fn inhibit(&self, what: &str, who: &str, why: &str, mode: &str) -> zbus::Result<OwnedFd>;

        #[zbus(name = "GetSessionByPID")]
        fn get_session_by_pid(&self, pid: u32) -> zbus::Result<OwnedObjectPath>;

        #[zbus(signal)]
        fn prepare_for_sleep(&self, start: bool) -> zbus::Result<()>;
    }

    #[proxy(
        interface = "org.freedesktop.login1.Session",
        default_service = "org.freedesktop.login1"
    )]
    trait Session {
        #[zbus(signal)]
        fn lock(&self) -> zbus::Result<()>;

        #[zbus(property)]
        fn locked_hint(&self) -> zbus::Result<bool>;
    }

    /// Returns at the first sign of either.
    pub(super) async fn wait_for_lock_or_sleep() -> zbus::Result<()> {
        let bus = Connection::system().await?;
        let manager = ManagerProxy::new(&bus).await?;
        let mut sleeps = manager.receive_prepare_for_sleep().await?;
        // Without it the machine may sleep a moment before the key is wiped, and the rest works.
        let _held = manager
            .inhibit("sleep", "Keywright", "Forget the key of the vault", "delay")
            .await
            .ok();
        let sleep = async {
            while let Some(told) = sleeps.next().await {
                if told.args().is_ok_and(|args| *args.start()) {
                    return;
                }
            }
            // The bus ended, and with it the session.
        };
        let lock = session_locks(&bus, &manager);
        futures::pin_mut!(sleep, lock);
        match select(sleep, lock).await {
            Either::Left(_) | Either::Right((Ok(()), _)) => {}
            // A process outside of every session hears of sleep alone.
            Either::Right((Err(error), sleep)) => {
                tracing::debug!(%error, "nobody tells of locks");
                sleep.await;
            }
        }
        Ok(())
    }

    async fn session_locks(bus: &Connection, manager: &ManagerProxy<'_>) -> zbus::Result<()> {
        let path = manager.get_session_by_pid(std::process::id()).await?;
        let session = SessionProxy::builder(bus).path(path)?.build().await?;
        let mut locks = session.receive_lock().await?;
        let mut hints = session.receive_locked_hint_changed().await;
        loop {
            match select(locks.next(), hints.next()).await {
                Either::Left(_) => return Ok(()),
                Either::Right((Some(hint), _)) if hint.get().await? => return Ok(()),
                Either::Right((Some(_), _)) => {}
                Either::Right((None, lock)) => {
                    lock.await;
                    return Ok(());
                }
            }
        }
    }
}

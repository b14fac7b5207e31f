use super::*;

#[test]
fn promise_8_a_panic_reaches_the_thread_that_waits_and_no_other() {
    let runtime = Arc::new(RuntimeThread::start().expect("a thread"));
    let other = Arc::clone(&runtime);
    let waiter = thread::spawn(move || other.wait::<()>(async { panic!("on purpose") }));
    let panic = waiter.join().expect_err("it panicked");
    assert_eq!(panic.downcast_ref(), Some(&"on purpose"));
    assert_eq!(runtime.wait(async { 7 }), 7);
}

#[test]
fn a_task_of_its_own_may_drop_the_last_of_it() {
    let runtime = Arc::new(RuntimeThread::start().expect("a thread"));
    let (dropped, was_dropped) = mpsc::channel();
    let (last, is_last) = oneshot::channel();
    let own = Arc::clone(&runtime);
    runtime.runtime.spawn(async move {
        _ = is_last.await;
        drop(own);
        _ = dropped.send(());
    });
    drop(runtime);
    last.send(()).expect("it waits");
    let patience = std::time::Duration::from_secs(30);
    was_dropped.recv_timeout(patience).expect("no panic");
}

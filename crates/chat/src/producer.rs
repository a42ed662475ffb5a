//! The producer of one turn: model calls, tool rounds, the end.

use std::{
    future::poll_fn, panic::AssertUnwindSafe, pin::pin, sync::Arc, task::Poll, time::Duration,
};

use futures_util::FutureExt;
use tidewire_domain::{
    Capability, ConversationId, FinishReason, FinishTurn, MessageId, ModelEvent, ModelRequest,
    PrincipalId, StoreError, Timestamp, ToolAnswer, ToolCall, ToolContext, ToolResult, ToolSpec,
    TurnError, TurnEvent, TurnFinished, Usage, fold_events,
};
use tokio::time::{Instant, sleep, timeout};
use tracing::{error, warn};

use crate::{
    CatalogueEntry,
    cancellation::Cancel,
    context::find_context,
    engine::Shared,
    generation::turn_error,
    history::{model_messages, readable_bytes},
    log::TurnLog,
    model_call::{CallStep, ModelCall},
};

/// How long the end of a turn is offered to a store that fails.
const FINISH_PATIENCE: Duration = Duration::from_secs(10);

/// What a turn is produced from.
pub(crate) struct Work {
    pub(crate) log: Arc<TurnLog>,
    pub(crate) entry: Arc<CatalogueEntry>,
    pub(crate) conversation_id: ConversationId,
    pub(crate) system: Option<String>,
    /// The user message that is answered.
    pub(crate) leaf: Option<MessageId>,
}

/// Why a producer stops producing.
enum End {
    Finished(FinishReason),
    Failed(TurnError),
    Cancelled(Cancel),
}

/// Runs the turn to its end, and leaves nothing running.
pub(crate) async fn produce(shared: Arc<Shared>, work: Work) {
    let turn_id = work.log.key.turn_id;
    let end = match AssertUnwindSafe(run(&shared, &work)).catch_unwind().await {
        Ok(end) => end,
        Err(_) => End::Failed(internal_error()),
    };
    finish(&shared, &work.log, end).await;
    shared.flusher.remove(turn_id);
}

/// Appends an event and tells the flusher.
fn record(shared: &Shared, log: &Arc<TurnLog>, event: &TurnEvent) {
    let urgency = log.append(event);
    shared.flusher.queue(log, urgency);
}

async fn run(shared: &Shared, work: &Work) -> End {
    let deadline = Instant::now() + shared.limits.max_duration;
    let mut spent = Usage::default();
    for rounds_left in (0..=shared.limits.max_tool_rounds).rev() {
        let request = match prepare(shared, work, spent, deadline).await {
            Ok(request) => request,
            Err(end) => return end,
        };
        let round = match call_model(shared, work, request, &mut spent, deadline).await {
            Ok(round) => round,
            Err(end) => return end,
        };
        if round.calls.is_empty() {
            return End::Finished(round.reason);
        }
        if rounds_left == 0 {
            break;
        }
        for call in &round.calls {
            if let Err(end) = run_tool(shared, &work.log, call, deadline).await {
                return end;
            }
        }
        if spent.total() >= shared.limits.token_budget {
            return End::Finished(FinishReason::Budget);
        }
    }
    End::Finished(FinishReason::Budget)
}

/// The request of the next round: the stored path, and what this turn has said so far. For a model
/// that cannot search by itself, passages of the user's documents stand before the question.
async fn prepare(
    shared: &Shared,
    work: &Work,
    spent: Usage,
    deadline: Instant,
) -> Result<ModelRequest, End> {
    let info = &work.entry.info;
    let mut path = match work.leaf {
        Some(leaf) => {
            let principal = &work.log.key.principal;
            shared
                .store
                .history(principal, work.conversation_id, leaf, readable_bytes(info))
                .await
                .map_err(|error| match error {
                    // Deleted since the turn began: the turn went with it.
                    StoreError::NotFound(_) => End::Cancelled(Cancel::LeaseLost),
                    error => End::Failed(store_failure(&error)),
                })?
        }
        None => Vec::new(),
    };
    let mut tools = Vec::new();
    if info.capabilities.contains(&Capability::Tools) {
        let offering = offered_tools(shared, &work.log.key.principal);
        tools = until_end(&work.log, deadline, offering).await?;
    } else if let (Some(knowledge), Some(question)) = (&shared.knowledge, path.last_mut()) {
        let looking = find_context(&**knowledge, &work.log.key.principal, question, info);
        let found = until_end(&work.log, deadline, looking).await?;
        for citation in found {
            record(shared, &work.log, &TurnEvent::Citation(citation));
        }
    }
    let (current, _) = fold_events(work.log.events());
    let system = work.system.as_deref();
    let left = shared
        .limits
        .token_budget
        .saturating_sub(spent.total())
        .max(1);
    Ok(ModelRequest {
        messages: model_messages(&path, current, info, system, &tools),
        system: work.system.clone(),
        tools,
        are_tools_optional: true,
        max_output_tokens: info.max_output_tokens.map(|longest| longest.min(left)),
        ..ModelRequest::default()
    })
}

/// What one model call came to.
struct Round {
    reason: FinishReason,
    calls: Vec<ToolCall>,
}

async fn call_model(
    shared: &Shared,
    work: &Work,
    request: ModelRequest,
    spent: &mut Usage,
    deadline: Instant,
) -> Result<Round, End> {
    let log = &work.log;
    let model = Arc::clone(&work.entry.model);
    let mut call = ModelCall::start(model, request, shared.limits.max_silence, deadline);
    let mut calls = Vec::new();
    let mut usage = None;
    let mut output_bytes = 0;
    let budget_bytes = shared
        .limits
        .token_budget
        .saturating_sub(spent.total())
        .saturating_mul(4);
    let outcome = loop {
        let event = match poll_fn(|cx| call.poll(&log.cancellation, cx)).await {
            CallStep::Event(Ok(event)) => event,
            CallStep::Event(Err(error)) => break Err(End::Failed(turn_error(&error))),
            CallStep::Ended => {
                break Err(End::Failed(turn_error(&tidewire_domain::ModelError::Cut)));
            }
            CallStep::Cancelled(reason) => break Err(End::Cancelled(reason)),
            CallStep::DeadlinePassed => break Err(End::Finished(FinishReason::Timeout)),
        };
        let event = match event {
            ModelEvent::TextDelta(text) => {
                output_bytes += text.len() as u64;
                TurnEvent::TextDelta(text)
            }
            ModelEvent::ReasoningDelta(text) => {
                output_bytes += text.len() as u64;
                TurnEvent::ReasoningDelta(text)
            }
            ModelEvent::ReasoningSignature(seal) => TurnEvent::ReasoningSignature(seal),
            ModelEvent::Citation(citation) => TurnEvent::Citation(citation),
            ModelEvent::ToolCall(asked) => {
                calls.push(asked.clone());
                TurnEvent::ToolCall(asked)
            }
            ModelEvent::Usage(counted) => {
                usage = Some(counted);
                continue;
            }
            ModelEvent::Finished(reason) => break Ok(reason),
        };
        record(shared, log, &event);
        if output_bytes > budget_bytes {
            break Err(End::Finished(FinishReason::Budget));
        }
    };
    // Cancels the call at the provider where it still runs.
    drop(call);
    if let Some(usage) = usage {
        *spent = spent.plus(usage);
        record(shared, log, &TurnEvent::Usage(*spent));
    } else {
        spent.output_tokens += output_bytes / 4;
    }
    outcome.map(|reason| Round { reason, calls })
}

/// What the model may ask for.
async fn offered_tools(shared: &Shared, principal: &PrincipalId) -> Vec<ToolSpec> {
    let mut offered = Vec::new();
    for tool in &shared.tools {
        if tool.is_offered_to(principal).await {
            offered.push(tool.spec().clone());
        }
    }
    offered
}

/// Waits for something, unless the turn is to end before.
async fn until_end<T>(
    log: &TurnLog,
    deadline: Instant,
    running: impl Future<Output = T>,
) -> Result<T, End> {
    let mut running = pin!(running);
    let mut alarm = pin!(tokio::time::sleep_until(deadline));
    poll_fn(|cx| {
        if let Poll::Ready(reason) = log.cancellation.poll(cx) {
            return Poll::Ready(Err(End::Cancelled(reason)));
        }
        if alarm.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Err(End::Finished(FinishReason::Timeout)));
        }
        running.as_mut().poll(cx).map(Ok)
    })
    .await
}

/// Runs one tool and records its answer, after the passages that it rests on. An error of the tool
/// is an answer too.
async fn run_tool(
    shared: &Shared,
    log: &Arc<TurnLog>,
    call: &ToolCall,
    deadline: Instant,
) -> Result<(), End> {
    let longest = shared.limits.max_tool_duration;
    let tool = shared
        .tools
        .iter()
        .find(|tool| tool.spec().name == call.name);
    let outcome = match tool {
        None => Err(format!("There is no tool named {:?}.", call.name)),
        Some(tool) => {
            let context = ToolContext {
                principal: log.key.principal.clone(),
                conversation_id: log.key.conversation_id,
                turn_id: log.key.turn_id,
                call_id: call.call_id.clone(),
                next_citation: next_citation(log),
            };
            let running = timeout(longest, tool.call(&context, &call.arguments));
            match until_end(log, deadline, running).await? {
                Ok(Ok(answer)) => Ok(answer),
                Ok(Err(refusal)) => Err(refusal.0),
                Err(_) => Err(format!(
                    "The tool took longer than {} s.",
                    longest.as_secs()
                )),
            }
        }
    };
    let ok = outcome.is_ok();
    let answer = outcome.unwrap_or_else(ToolAnswer::text);
    for citation in answer.citations {
        record(shared, log, &TurnEvent::Citation(citation));
    }
    let result = ToolResult {
        call_id: call.call_id.clone(),
        ok,
        content: answer.content,
    };
    record(shared, log, &TurnEvent::ToolResult(result));
    Ok(())
}

/// The number after the highest that the turn has used.
fn next_citation(log: &TurnLog) -> u32 {
    let events = log.events().into_iter();
    let numbers = events.filter_map(|event| match event {
        TurnEvent::Citation(citation) => Some(citation.index),
        _ => None,
    });
    numbers.max().unwrap_or(0).saturating_add(1)
}

/// Stores the end with the message that the log amounts to, then shows it to the readers.
async fn finish(shared: &Shared, log: &Arc<TurnLog>, end: End) {
    let is_told = matches!(end, End::Cancelled(Cancel::StoreFailed));
    let reason = match end {
        End::Finished(reason) => reason,
        End::Failed(failure) => {
            record(shared, log, &TurnEvent::Error(failure));
            FinishReason::Error
        }
        End::Cancelled(Cancel::Stopped) => FinishReason::Stopped,
        End::Cancelled(Cancel::ShuttingDown) => FinishReason::Interrupted,
        End::Cancelled(Cancel::LeaseLost) => {
            log.lose();
            return;
        }
        End::Cancelled(Cancel::StoreFailed) => {
            record(shared, log, &TurnEvent::Error(unstorable()));
            FinishReason::Error
        }
    };
    let last = TurnEvent::TurnFinished(TurnFinished {
        finish_reason: reason,
    });
    let batch = poll_fn(|cx| log.poll_seal(&last, cx)).await;
    if log.cancellation.reason() == Some(Cancel::LeaseLost) {
        log.lose();
        return;
    }
    let (parts, usage) = fold_events(log.events());
    let finish = FinishTurn {
        key: log.key.clone(),
        epoch: log.epoch,
        batch,
        parts,
        usage,
        finish_reason: reason,
        at: Timestamp::now(),
    };
    let give_up_at = Instant::now() + FINISH_PATIENCE;
    loop {
        match shared.store.finish_turn(finish.clone()).await {
            Ok(()) => return log.end(),
            Err(StoreError::LeaseLost) => return log.lose(),
            Err(failure) if matches!(failure, StoreError::Full) || Instant::now() >= give_up_at => {
                // The readers must not hang. The store still calls the turn running; the reaper
                // ends it there once the store takes it.
                error!(%failure, turn_id = %log.key.turn_id, "cannot store the end of a turn");
                shared.flusher.abandon(log.key.turn_id);
                let failed = TurnEvent::TurnFinished(TurnFinished {
                    finish_reason: FinishReason::Error,
                });
                return if is_told {
                    log.end_unstored(&[failed]);
                } else {
                    log.end_unstored(&[TurnEvent::Error(unstorable()), failed]);
                };
            }
            Err(failure) => {
                warn!(%failure, turn_id = %log.key.turn_id, "trying again to store the end of a turn");
                sleep(Duration::from_millis(250)).await;
            }
        }
    }
}

fn internal_error() -> TurnError {
    TurnError {
        code: "internal".into(),
        message: "Something went wrong in the service. Its log has more.".into(),
        retryable: true,
    }
}

fn unstorable() -> TurnError {
    TurnError {
        code: "storage_failed".into(),
        message:
            "The answer can no longer be stored: the disk is full, or the store is not available."
                .into(),
        retryable: true,
    }
}

fn store_failure(failure: &StoreError) -> TurnError {
    error!(%failure, "cannot read a conversation's history");
    TurnError {
        code: "storage_failed".into(),
        message: "The conversation cannot be read: the store is not available.".into(),
        retryable: true,
    }
}

namespace Granary.Runtime;

/// <summary>The sender of an append, which is called back with the answer.</summary>
internal interface IAppendCaller
{
    /// <summary>
    /// Receives the answered append, whose answer is to be read once. Called on the writer's thread, which serves all
    /// callers, or on a timer's where a commit has run out of its time: it must be brief and must not throw; what
    /// follows runs on another thread.
    /// </summary>
    void OnAnswered(PendingAppend answered);
}

namespace Granary.Runtime;

/// <summary>Who sent an append and is called back with the answer.</summary>
internal interface IAppendCaller
{
    /// <summary>
    /// Hands over the answered append, whose answer is to be taken once. Called on the writer's thread, which serves
    /// everybody: it must be brief and must not throw; what follows runs elsewhere.
    /// </summary>
    void OnAnswered(PendingAppend answered);
}

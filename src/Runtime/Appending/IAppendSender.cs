namespace Granary.Runtime;

/// <summary>What a journal needs of the silo's appender.</summary>
internal interface IAppendSender : IAppender
{
    /// <summary>
    /// As <see cref="IAppender.AppendAsync"/>, but the answer is called back, also where it is an error. It never
    /// throws, and never calls back before it has returned.
    /// </summary>
    void Send(Append append, IAppendCaller caller);
}

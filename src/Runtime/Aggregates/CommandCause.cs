namespace Granary.Runtime;

/// <summary>
/// Goes with a request whose commands may have been sent before: the time of what caused them. Before that time they
/// were not sent. It goes on with the requests that follow from it.
/// </summary>
/// <remarks>
/// It is in Orleans' <see cref="RequestContext"/>, and not in the command's id: whoever chooses an id, also over HTTP,
/// could have a grain read its whole stream.
/// </remarks>
internal static class CommandCause
{
    private const string Name = MetadataNames.ReservedPrefix + "causedAt";

    /// <summary>The time; null where the commands are not sent again.</summary>
    public static DateTimeOffset? Time => RequestContext.Get(Name) is DateTimeOffset time ? time : null;

    /// <summary>Sets it for the requests that the calling method sends from now on.</summary>
    public static void Set(DateTimeOffset time) => RequestContext.Set(Name, time);
}

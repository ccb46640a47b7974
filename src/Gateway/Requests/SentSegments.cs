namespace Granary.Gateway;

/// <summary>The segments of a path as they were sent, where the server's own path has lost some of them.</summary>
internal sealed record SentSegments(string[] All);

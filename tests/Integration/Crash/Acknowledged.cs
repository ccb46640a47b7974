namespace Granary.Tests.Integration;

/// <summary>An append that the silo has acknowledged to a writer of the load.</summary>
/// <param name="Stream">The stream, as the answer names it.</param>
/// <param name="FirstVersion">The version of its first event.</param>
/// <param name="Version">The version of its last event.</param>
/// <param name="Writer">Who sent it.</param>
/// <param name="FirstNumber">The writer's own count of its first event.</param>
internal sealed record Acknowledged(string Stream, long FirstVersion, long Version, int Writer, int FirstNumber);

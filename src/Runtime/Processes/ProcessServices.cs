namespace Granary.Runtime;

/// <summary>What the process managers of a silo share.</summary>
internal sealed record ProcessServices(ProcessEvents Events, ProcessDeadlines Deadlines);

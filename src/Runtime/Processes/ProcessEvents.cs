using System.Collections.Concurrent;
using System.Collections.Frozen;

namespace Granary.Runtime;

/// <summary>Decodes events for process managers, and finds the method that handles each.</summary>
internal sealed class ProcessEvents(EventDecoder decoder)
{
    private readonly ConcurrentDictionary<Type, Handlers> _known = new();

    /// <summary>What an event stands for, each with its method; none where the process does not handle it.</summary>
    /// <exception cref="ReplayFailedException">
    /// It is of a type that the process handles, and cannot be read.
    /// </exception>
    public IEnumerable<(ProcessMethod Method, object Happened)> Decode(Type process, RecordedEvent recorded)
    {
        var (methods, types) = _known.GetOrAdd(process, Describe);

        // The decoder returns no other types than those that the methods name.
        return decoder.Decode(recorded, types).Select(one => (methods.Find(one.GetType())!, one));
    }

    /// <summary>What an event stands for, of the types that the process handles.</summary>
    /// <exception cref="ReplayFailedException">
    /// It is of a type that the process handles, and cannot be read.
    /// </exception>
    public IReadOnlyList<object> DecodePlain(Type process, RecordedEvent recorded) =>
        decoder.Decode(recorded, _known.GetOrAdd(process, Describe).Types);

    private Handlers Describe(Type process)
    {
        var methods = ProcessMethods.Of(process);
        return new Handlers(methods, decoder.TypesOf(methods.EventTypes));
    }

    private sealed record Handlers(HandlerMethods<ProcessMethod> Methods, FrozenDictionary<string, Type> Types);
}

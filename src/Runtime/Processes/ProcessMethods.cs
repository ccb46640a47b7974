namespace Granary.Runtime;

/// <summary>Finds the <c>On</c> methods of process managers.</summary>
internal static class ProcessMethods
{
    private static readonly HandlerForm Form = new(
        "process manager", "On", "public Task On(TEvent, ProcessContext)");

    /// <inheritdoc cref="HandlerForm.Bind" />
    public static HandlerMethods<ProcessMethod> Of(Type process) => Form.Bind<ProcessMethod>(process);
}

/// <summary>Calls a process manager's method.</summary>
internal delegate Task ProcessMethod(object process, object happened, ProcessContext context);

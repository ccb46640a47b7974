using System.Reflection;
using Granary.Tests.Unit.Tidy;
using Microsoft.Extensions.Logging;

namespace Granary.Tests.Unit.Observability;

/// <summary>
/// People search and alert by a log message's id: it is set in the code, and it is the message's own.
/// </summary>
public sealed class LogIdTests
{
    private static readonly (MethodInfo Method, LoggerMessageAttribute Message)[] Messages =
    [
        .. from assembly in OurAssemblies.All
           from type in assembly.GetTypes()
           from method in type.GetMethods(
               BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic
               | BindingFlags.DeclaredOnly)
           let message = method.GetCustomAttribute<LoggerMessageAttribute>()
           where message is not null
           select (method, message),
    ];

    [Fact]
    public void Every_log_message_has_an_id_of_its_own()
    {
        Assert.NotEmpty(Messages);
        RepositoryTree.AssertNone(
            from one in Messages
            group NameOf(one.Method) by one.Message.EventId into same
            where same.Count() > 1
            select $"id {same.Key}: {string.Join(", ", same)}");
    }

    [Fact]
    public void No_log_message_leaves_its_id_to_chance() => RepositoryTree.AssertNone(
        from one in Messages
        where one.Message.EventId < 1000
        select $"{NameOf(one.Method)}: id {one.Message.EventId}");

    [Fact]
    public void The_messages_of_one_class_share_a_hundred_of_ids_with_no_other_class() => RepositoryTree.AssertNone(
        from one in Messages
        group one.Method.DeclaringType!.FullName by one.Message.EventId / 100 into hundred
        where hundred.Distinct().Count() > 1
        select $"{hundred.Key}xx: {string.Join(", ", hundred.Distinct())}");

    [Fact]
    public void No_source_logs_around_them() => RepositoryTree.AssertNone(
        from file in RepositoryTree.Files(".cs", "src")
        from line in RepositoryTree.ReadLines(file)
        where LogCalls.Any(call => line.Contains(call, StringComparison.Ordinal))
        select $"{file}: {line.Trim()}");

    private static readonly string[] LogCalls =
        [".LogTrace(", ".LogDebug(", ".LogInformation(", ".LogWarning(", ".LogError(", ".LogCritical("];

    private static string NameOf(MethodInfo method) => $"{method.DeclaringType!.Name}.{method.Name}";
}

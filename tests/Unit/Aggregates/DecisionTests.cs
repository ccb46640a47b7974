using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Granary.Tests.Unit.Aggregates;

/// <summary>Which decisions of a command compile; one that is asynchronous is refused with the reason.</summary>
public sealed class DecisionTests
{
    [Theory]
    [InlineData("Task<int>", "() => 5")]
    [InlineData("Task<int>", "() => { RaiseEvent(\"a\"); return 5; }")]
    [InlineData("Task<int>", "Decide")]
    [InlineData("Task<int>", "decide")]
    [InlineData("Task<string?>", "() => State is null ? null : \"b\"")]
    [InlineData("Task<int>", "() => throw new InvalidOperationException()", "<int>")]
    [InlineData("Task<object>", "() => throw new InvalidOperationException()", "<object>")]
    public void A_decision_that_is_made_at_once_compiles(string result, string decide, string answer = "") =>
        Assert.Empty(Errors(result, decide, answer));

    [Theory]
    [InlineData("Task<int>", "async () => { await Task.Yield(); return 5; }")]
    [InlineData("Task", "async () => await Task.Yield()")]
    [InlineData("Task<int>", "() => DecideLater()")]
    [InlineData("Task<int>", "DecideLater")]
    [InlineData("Task<int>", "decideLater")]
    [InlineData("Task", "() => Task.CompletedTask")]
    public void A_decision_that_is_not_is_refused_with_the_reason(string result, string decide)
    {
        var error = Assert.Single(Errors(result, decide, answer: ""));
        Assert.Equal("CS0619", error.Id);
        Assert.Contains("A command decides synchronously", error.GetMessage(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("async () => { await Task.Yield(); return 5; }")]
    [InlineData("DecideLater")]
    public void A_decision_that_is_not_is_refused_where_the_answer_is_named(string decide) =>
        Assert.NotEmpty(Errors("Task<int>", decide, "<int>"));

    private static IEnumerable<Diagnostic> Errors(string result, string decide, string answer)
    {
        var code = $$"""
            using System;
            using System.Threading.Tasks;
            using Granary.Runtime;

            public sealed class Sum;

            public sealed class SumGrain : AggregateGrain<Sum, string>
            {
                public {{result}} Named(Func<int> decide, Func<Task<int>> decideLater) =>
                    ExecuteAsync{{answer}}(Command.Of("a", 1), {{decide}});

                public {{result}} Unnamed(Func<int> decide, Func<Task<int>> decideLater) =>
                    ExecuteAsync{{answer}}(default, {{decide}});

                private int Decide() => 5;

                private Task<int> DecideLater() => Task.FromResult(5);
            }
            """;
        var platform = (string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!;
        var errors = CSharpCompilation.Create(
            "Decisions",
            [CSharpSyntaxTree.ParseText(code, cancellationToken: TestContext.Current.CancellationToken)],
            platform.Split(Path.PathSeparator).Select(static file => MetadataReference.CreateFromFile(file)),
            new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable))
            .GetDiagnostics(TestContext.Current.CancellationToken)
            .Where(static found => found.Severity >= DiagnosticSeverity.Warning);

        // Both commands have the same errors.
        return errors.DistinctBy(static found => (found.Id, found.GetMessage()));
    }
}

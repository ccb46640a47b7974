using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Granary.Tests.Unit.Tidy;

/// <summary>The README is the first code that a user copies.</summary>
public sealed class ReadmeTests
{
    // What a web project and Orleans import by themselves.
    private const string ImplicitUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Net.Http.Json;
        global using System.Threading;
        global using System.Threading.Tasks;
        global using Microsoft.AspNetCore.Builder;
        global using Microsoft.AspNetCore.Hosting;
        global using Microsoft.AspNetCore.Http;
        global using Microsoft.AspNetCore.Routing;
        global using Microsoft.Extensions.Configuration;
        global using Microsoft.Extensions.DependencyInjection;
        global using Microsoft.Extensions.Hosting;
        global using Microsoft.Extensions.Logging;
        global using Orleans;
        global using Orleans.Hosting;
        global using Orleans.Runtime;
        """;

    [Fact]
    public void Its_examples_compile_as_they_are()
    {
        var examples = Examples();
        Assert.Equal(4, examples.Length);
        RepositoryTree.AssertNone(Errors(examples[..3]));
    }

    [Fact]
    public void Its_read_model_is_20_lines_and_compiles_where_it_is_added()
    {
        const string add = ".UseSqlite().AddProjection<Totals>()";
        Assert.Contains($"`{add}`", RepositoryTree.Read("README.md"), StringComparison.Ordinal);
        var examples = Examples();
        Assert.InRange(examples[2..].Sum(static one => one.TrimEnd().Split('\n').Length) + 1, 1, 20);
        examples[0] = examples[0].Replace(".UseSqlite()", add, StringComparison.Ordinal)
            .Replace("app.Run();", $"{examples[3]}\napp.Run();", StringComparison.Ordinal);
        Assert.Contains(add, examples[0], StringComparison.Ordinal);
        Assert.Contains("MapGet", examples[0], StringComparison.Ordinal);
        RepositoryTree.AssertNone(Errors(examples[..3]));
    }

    [Fact]
    public void A_projection_its_test_and_what_reads_it_compile_as_they_are()
    {
        var examples = Examples("docs/projections.md");
        Assert.Equal(4, examples.Length);
        RepositoryTree.AssertNone(Errors(
            [examples[0], "using Granary.Testing;\n" + examples[1], .. examples[2..].Select(static one =>
                "using Granary;\n" + one)]));
    }

    [Fact]
    public void An_aggregate_of_ones_own_and_its_test_compile_as_they_are()
    {
        var (aggregate, test) = Examples("docs/aggregates.md") is [var first, var second, ..]
            ? (first, second)
            : throw new InvalidDataException("docs/aggregates.md has an aggregate and its test.");
        RepositoryTree.AssertNone(Errors([aggregate, "using Granary.Testing;\n" + test]));
    }

    [Fact]
    public void An_example_that_does_not_compile_is_found()
    {
        var broken = Examples().Take(3)
            .Select(static text => text.Replace("RaiseEvent(", "Raise(", StringComparison.Ordinal));
        Assert.Contains("'Raise'", Assert.Single(Errors(broken)), StringComparison.Ordinal);
    }

    [Fact]
    public void It_reaches_code_within_20_lines() => Assert.Contains(
        RepositoryTree.ReadLines("README.md").Take(20),
        static line => line.StartsWith("```csharp", StringComparison.Ordinal));

    private static string[] Examples(string page = "README.md") => RepositoryTree.Read(page).ReplaceLineEndings("\n")
        .Split("```csharp\n").Skip(1).Select(static rest => rest[..rest.IndexOf("```", StringComparison.Ordinal)])
        .ToArray();

    private static IEnumerable<string> Errors(IEnumerable<string> examples)
    {
        var platform = (string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!;
        var compilation = CSharpCompilation.Create(
            "Readme",
            examples.Prepend(ImplicitUsings).Select(static text => CSharpSyntaxTree.ParseText(text)),
            platform.Split(Path.PathSeparator).Select(static file => MetadataReference.CreateFromFile(file)),
            new CSharpCompilationOptions(
                OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable));
        return compilation.GetDiagnostics()
            .Where(static found => found.Severity == DiagnosticSeverity.Error)
            .Select(static found => found.ToString());
    }
}

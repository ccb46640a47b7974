using System.Text;

namespace Granary.Tests.Cli;

/// <summary>A command line of a test's own: what it reads and what it writes.</summary>
internal sealed class TestIo : IDisposable
{
    private readonly MemoryStream _output = new();
    private readonly StringWriter _error = new();

    public TestIo(string input = "", bool isTerminal = false, params (string Name, string Value)[] variables) =>
        Io = new()
        {
            Output = _output,
            Error = _error,
            Input = new MemoryStream(Encoding.UTF8.GetBytes(input)),
            IsOutputTerminal = isTerminal,
            IsInputTerminal = isTerminal,
            Variable = name => variables.FirstOrDefault(one => one.Name == name).Value,
            Time = TimeProvider.System,
        };

    public CommandIo Io { get; }

    public string Output => Encoding.UTF8.GetString(_output.ToArray());

    public string Error => _error.ToString();

    /// <summary>Runs a command line; fails where it ends with another code.</summary>
    public static async Task<TestIo> RunAsync(int code, params string[] arguments)
    {
        var test = new TestIo();
        await test.RunAsync(arguments, code);
        return test;
    }

    public async Task RunAsync(string[] arguments, int code)
    {
        var actual = await GranaryCommand.RunAsync(arguments, Io, TestContext.Current.CancellationToken);
        Assert.True(code == actual, $"It ended with {actual}, not {code}.\n{Output}\n{Error}");
    }

    public void Dispose() => Io.Dispose();
}

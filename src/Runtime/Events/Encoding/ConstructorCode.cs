using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Reflection;

namespace Granary.Runtime;

/// <summary>Follows a constructor's code, as far as that only assigns fields.</summary>
internal sealed class ConstructorCode
{
    private const int This = -2;
    private const int Other = -1;
    private const int BaseClassesMax = 16;

    // Whose constructors do no harm where they get no value of the event: they make the initial values of members.
    private static readonly HashSet<Assembly> Framework =
        [typeof(object).Assembly, typeof(SortedSet<>).Assembly, typeof(ImmutableArray).Assembly];

    private readonly Dictionary<FieldInfo, int> _fields = [];

    /// <summary>See <see cref="TrivialCode.FieldsAssignedBy"/>.</summary>
    public Dictionary<FieldInfo, int>? TryRun(ConstructorInfo constructor) =>
        Run(constructor, [This, .. Enumerable.Range(0, constructor.GetParameters().Length)], 0) ? _fields : null;

    private bool Run(ConstructorInfo constructor, int[] arguments, int depth)
    {
        if (constructor.DeclaringType == typeof(object)) return true;
        if (depth == BaseClassesMax || TrivialCode.CodeOf(constructor) is not { } code) return false;
        var stack = new Stack<int>();
        for (var at = 0; at < code.Length;)
        {
            var size = SizeOf(code, at);
            if (size == 0) return false;
            if (code[at] == 0x2a) return at + size == code.Length;
            if (!Step(constructor, code.AsSpan(at, size), arguments, stack, depth)) return false;
            at += size;
        }

        return false;
    }

    // The instructions that are known, with their operands; 0 for any other.
    private static int SizeOf(byte[] code, int at)
    {
        var size = code[at] switch
        {
            0x00 or (>= 0x02 and <= 0x05) or (>= 0x14 and <= 0x1e) or 0x25 or 0x26 or 0x2a => 1,
            0x0e or 0x1f => 2,
            0x20 or 0x22 or 0x28 or 0x72 or 0x73 or 0x7c or 0x7d or 0x7e => 5,
            0x21 or 0x23 => 9,
            0xfe => at + 1 < code.Length && code[at + 1] == 0x15 ? 6 : 0,
            _ => 0,
        };
        return at + size <= code.Length ? size : 0;
    }

    private bool Step(
        ConstructorInfo constructor, ReadOnlySpan<byte> one, int[] arguments, Stack<int> stack, int depth)
    {
        switch (one[0])
        {
            case 0x00:
                return true;
            case >= 0x02 and <= 0x05 or 0x0e:
                var argument = one[0] == 0x0e ? one[1] : one[0] - 0x02;
                if (argument >= arguments.Length) return false;
                stack.Push(arguments[argument]);
                return true;
            case (>= 0x14 and <= 0x23) or 0x72 or 0x7e:
                stack.Push(Other);
                return true;
            case 0x25:
                if (!stack.TryPeek(out var top)) return false;
                stack.Push(top);
                return true;
            case 0x26 or 0xfe:
                return stack.TryPop(out _);
            case 0x7c:
                if (!stack.TryPop(out var owner) || owner != This) return false;
                _fields[TrivialCode.FieldOf(constructor, one[1..])!] = Other;
                stack.Push(Other);
                return true;
            case 0x7d:
                if (!stack.TryPop(out var value) || !stack.TryPop(out var target) || target != This) return false;
                if (value == This) return false;
                _fields[TrivialCode.FieldOf(constructor, one[1..])!] = value;
                return true;
            default:
                return Call(constructor, one, stack, depth);
        }
    }

    private bool Call(ConstructorInfo constructor, ReadOnlySpan<byte> one, Stack<int> stack, int depth)
    {
        var called = constructor.Module.ResolveMethod(
            BinaryPrimitives.ReadInt32LittleEndian(one[1..]), constructor.DeclaringType!.GetGenericArguments(), null)!;
        var given = new int[called.GetParameters().Length];
        for (var at = given.Length - 1; at >= 0; at--)
        {
            if (!stack.TryPop(out given[at])) return false;
        }

        var isMade = one[0] == 0x73;
        if (called is ConstructorInfo inner && !isMade)
            return stack.TryPop(out var target) && target == This && Run(inner, [This, .. given], depth + 1);

        // An initial value: the same for every event, so that it cannot fail for one only.
        if (!Framework.Contains(called.Module.Assembly) || Array.Exists(given, static value => value != Other))
            return false;
        if (!isMade && (!called.IsStatic || ((MethodInfo)called).ReturnType == typeof(void))) return false;
        stack.Push(Other);
        return true;
    }
}

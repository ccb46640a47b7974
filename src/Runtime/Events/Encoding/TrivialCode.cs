using System.Buffers.Binary;
using System.Reflection;

namespace Granary.Runtime;

/// <summary>
/// Reads the compiled code of accessors and constructors, to prove that they move values unchanged: a constructor that
/// checks or changes what it gets may refuse or change what was stored. Only the code that a compiler makes of records,
/// automatic properties and plain assignments is recognised.
/// </summary>
internal static class TrivialCode
{
    private const byte Nop = 0x00;
    private const byte LoadThis = 0x02;
    private const byte LoadFirst = 0x03;
    private const byte Return = 0x2a;
    private const byte LoadField = 0x7b;
    private const byte StoreField = 0x7d;

    /// <summary>The field that a getter returns, or null where it does anything else.</summary>
    public static FieldInfo? FieldReturnedBy(MethodInfo getter) => CodeOf(getter) is
        [LoadThis, LoadField, var a, var b, var c, var d, Return]
            ? FieldOf(getter, [a, b, c, d])
            : null;

    /// <summary>The field that a setter assigns, or null where it does anything else.</summary>
    public static FieldInfo? FieldSetBy(MethodInfo setter) => CodeOf(setter) is
        [LoadThis, LoadFirst, StoreField, var a, var b, var c, var d, Return]
            ? FieldOf(setter, [a, b, c, d])
            : null;

    /// <summary>
    /// The parameter that each field holds after a constructor, by position; -1 for what does not depend on one. Null
    /// where the constructor does anything but assign.
    /// </summary>
    public static Dictionary<FieldInfo, int>? FieldsAssignedBy(ConstructorInfo constructor) =>
        new ConstructorCode().TryRun(constructor);

    /// <summary>A method's code without the empty instructions before it; null for none, or if it catches.</summary>
    internal static byte[]? CodeOf(MethodBase method)
    {
        if (method.IsAbstract || method.GetMethodBody() is not { ExceptionHandlingClauses.Count: 0 } body) return null;
        var code = body.GetILAsByteArray();
        return code is [Nop, ..] ? code.AsSpan().TrimStart(Nop).ToArray() : code;
    }

    internal static FieldInfo? FieldOf(MethodBase method, ReadOnlySpan<byte> token) => method.Module.ResolveField(
        BinaryPrimitives.ReadInt32LittleEndian(token), method.DeclaringType!.GetGenericArguments(), null);
}
